namespace LlmScheduling.Simulation;

/// <summary>What each traffic class is promised, and what the others are.</summary>
/// <param name="Classes">By class.</param>
/// <param name="Default">For classes that are not listed; null: nothing.</param>
public sealed record SloTable(IReadOnlyDictionary<string, ServiceLevelObjective> Classes, ServiceLevelObjective? Default)
{
    /// <summary>Reads <c>{"classes": {"chat": {"ttft_ms": 500, "tpot_ms": 50}, "code": {"e2e_ms": 30000}}, "default": null}</c>.</summary>
    /// <remarks>
    /// A class has any of <c>ttft_ms</c>, <c>tpot_ms</c> and <c>e2e_ms</c>, as milliseconds above 0 (kept in steps of 100 ns). A class that
    /// is null is promised nothing, also where <c>default</c> promises something to the others. A key that nothing reads is refused.
    /// </remarks>
    /// <param name="path">A JSON file; <c>.gz</c> is unpacked, <c>-</c> is standard input.</param>
    /// <param name="openStandardInput">Opens what <c>-</c> stands for; null: the console's.</param>
    /// <exception cref="InputException">The file cannot be read or breaks a rule; the message names file, line and key.</exception>
    public static SloTable Read(string path, Func<Stream>? openStandardInput = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return SloFile.Read(path, openStandardInput);
    }

    /// <summary>What <paramref name="trafficClass"/> is promised; null: nothing.</summary>
    public ServiceLevelObjective? For(string trafficClass) => Classes.GetValueOrDefault(trafficClass) ?? Default;

    /// <summary>Whether a request met what its class is promised: every limit that is given holds, limits included; null when it is promised nothing.</summary>
    /// <remarks>
    /// Times count in whole microseconds (halves up), compared as integers. Time per output token is (last token - first token) /
    /// (output tokens - 1), not tested below two tokens. A request that was not served has missed.
    /// </remarks>
    public bool? IsMetBy(RequestRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (For(record.Request.TrafficClass) is not { } objective || objective == new ServiceLevelObjective())
            return null;
        if (!record.IsCompleted)
            return false;
        long first = Microseconds(record.TimeToFirstToken!.Value), last = Microseconds(record.EndToEnd!.Value);
        return IsWithin(first, objective.TimeToFirstToken, 1)
            && IsWithin(last, objective.EndToEnd, 1)
            && (record.GeneratedTokens < 2 || IsWithin(last - first, objective.TimePerOutputToken, record.GeneratedTokens - 1));
    }

    /// <summary>A time that is not negative in whole microseconds, halves up.</summary>
    internal static long Microseconds(TimeSpan time) => (time.Ticks + TimeSpan.TicksPerMicrosecond / 2) / TimeSpan.TicksPerMicrosecond;

    private static bool IsWithin(long microseconds, TimeSpan? limit, int times) =>
        limit is not { } most || (Int128)microseconds * TimeSpan.TicksPerMicrosecond <= (Int128)most.Ticks * times;
}
