using System.Globalization;

namespace LambdaStreamer.Tests.Stress;

/// <summary>What the kernel tells of a process (proc(5)); memory in KiB.</summary>
internal readonly record struct ProcessFigures(long Resident, long PeakResident, int Threads, int Descriptors)
{
    public static ProcessFigures Of(int process)
    {
        var status = File.ReadLines($"/proc/{process}/status").Select(static line => line.Split(':', 2))
            .ToDictionary(static line => line[0], static line => line[1].Trim());
        return new ProcessFigures(
            Number(status["VmRSS"]),
            Number(status["VmHWM"]),
            (int)Number(status["Threads"]),
            Directory.GetFiles($"/proc/{process}/fd").Length);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Resident / 1024.0:F1} MiB resident, {PeakResident / 1024.0:F1} MiB at most, {Descriptors} descriptors, {Threads} threads");

    private static long Number(string value) => long.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
}
