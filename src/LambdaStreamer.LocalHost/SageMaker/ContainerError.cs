namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// An error of the model server itself, before any dialect: <paramref name="Type"/> is the word that a fault names, TGI's
/// <c>error_type</c>.
/// </summary>
internal sealed record ContainerError(string Type, int Status, string Message)
{
    /// <summary>The error of that type with the status it has outside a stream; of a type nobody knows, status 424.</summary>
    public static ContainerError OfType(string type) => type switch
    {
        "generation" => new(type, 424, "Request failed during generation: Server error: CUDA out of memory"),
        "overloaded" => new(type, 429, "Model is overloaded"),
        "incomplete_generation" => new(type, 500, "Incomplete generation"),
        _ => new(type, 424, $"The container failed on demand: {type}"),
    };

    /// <summary>An error before the stream, with a status of the test's choice.</summary>
    public static ContainerError OfStatus(int status) => new(
        status switch { 429 => "overloaded", 422 => "validation", 500 => "incomplete_generation", _ => "generation" },
        status,
        "The container failed on demand.");
}
