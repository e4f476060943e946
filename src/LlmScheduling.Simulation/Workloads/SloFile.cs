using System.Text.Json;

namespace LlmScheduling.Simulation;

/// <summary>Reads what each traffic class is promised: <c>{"classes": {"chat": {"ttft_ms": 500, "tpot_ms": 50}}, "default": null}</c>.</summary>
/// <remarks>
/// A class has any of <c>ttft_ms</c>, <c>tpot_ms</c> and <c>e2e_ms</c>, as milliseconds above 0 (kept in steps of 100 ns). A class that is
/// null is promised nothing, also where <c>default</c> promises something to the others. A key that nothing reads is refused.
/// </remarks>
public static class SloFile
{
    /// <summary>317 years, as for arrivals.</summary>
    private const decimal MaxMilliseconds = TraceFile.MaxMicroseconds / 1_000;

    private static readonly string[] Keys = ["classes", "default"];
    private static readonly string[] Limits = ["ttft_ms", "tpot_ms", "e2e_ms"];

    /// <summary>Reads the file at <paramref name="path"/>.</summary>
    /// <param name="path">A JSON file; <c>.gz</c> is unpacked, <c>-</c> is standard input.</param>
    /// <param name="openStandardInput">Opens what <c>-</c> stands for; null: the console's.</param>
    /// <exception cref="InputException">The file cannot be read or breaks a rule; the message names file, line and key.</exception>
    public static SloTable Read(string path, Func<Stream>? openStandardInput = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var fields = new JsonFields(path, "", JsonFile.Read(path, openStandardInput), Keys);
        var classes = new Dictionary<string, ServiceLevelObjective>(StringComparer.Ordinal);
        if (fields.Part("classes") is { } given)
        {
            if (given.Kind != JsonValueKind.Object)
                throw fields.Bad("classes", "an object with a member per class");
            foreach ((string name, JsonPart value) in given.Members)
                classes.Add(name, Objective(path, $"classes.{name}", value) ?? new ServiceLevelObjective());
        }

        return new SloTable(classes, fields.Part("default") is { } others ? Objective(path, "default", others) : null);
    }

    private static ServiceLevelObjective? Objective(string path, string place, JsonPart part)
    {
        if (part.Kind == JsonValueKind.Null)
            return null;
        var fields = new JsonFields(path, place + ".", part, Limits);
        var objective = new ServiceLevelObjective { TimeToFirstToken = Limit(fields, "ttft_ms"), TimePerOutputToken = Limit(fields, "tpot_ms"), EndToEnd = Limit(fields, "e2e_ms") };
        return objective != new ServiceLevelObjective()
            ? objective
            : throw new InputException(path, part.Line, place, "no limit", "one or more of ttft_ms, tpot_ms, e2e_ms, or null");
    }

    private static TimeSpan? Limit(JsonFields fields, string name) =>
        fields.PositiveNumber(name, MaxMilliseconds) is { } milliseconds
            ? TimeSpan.FromTicks((long)decimal.Round(milliseconds * TimeSpan.TicksPerMillisecond, MidpointRounding.AwayFromZero))
            : null;
}
