using System.Text;
using LambdaStreamer.OpenAI;

namespace LambdaStreamer.Tests.OpenAI;

public class ModelListTests
{
    private static readonly ServedModel First = new() { Id = "org/first", EndpointName = "a" };
    private static readonly ServedModel Second = new() { Id = "second", EndpointName = "b" };

    [Fact]
    public void Models_AreListedInOpenAIsForm()
    {
        using var output = new ByteBuffer();
        new ModelList([First, Second], acceptsAnyModel: false, created: 1700000000).WriteAll(key: null, output);
        Assert.Equal(
            """{"object":"list","data":[{"id":"org/first","object":"model","created":1700000000,"owned_by":"sagemaker"},{"id":"second","object":"model","created":1700000000,"owned_by":"sagemaker"}]}""",
            Encoding.UTF8.GetString(output.Unread));
    }

    [Fact]
    public void NameOfAModel_ChoosesIt()
    {
        var models = new ModelList([First, Second], acceptsAnyModel: true, created: 0);
        Assert.Same(Second, models.Choose("second"));
        Assert.Same(First, models.Choose("gpt-4o"));
    }

    [Fact]
    public void UnknownName_IsNotFound()
    {
        var models = new ModelList([First, Second], acceptsAnyModel: false, created: 0);
        var error = Assert.Throws<RequestProblemException>(() => models.Choose("Second")).Error;
        Assert.Equal((404, "model", "model_not_found"), (error.Status, error.Param, error.Code));
    }

    [Fact]
    public void MissingName_MeansTheOnlyModel()
    {
        Assert.Same(First, new ModelList([First], acceptsAnyModel: false, created: 0).Choose(null));
        var models = new ModelList([First, Second], acceptsAnyModel: true, created: 0);
        var error = Assert.Throws<RequestProblemException>(() => models.Choose(null)).Error;
        Assert.Equal((400, "model"), (error.Status, error.Param));
    }
}
