using System.Text.Json;

namespace LlmScheduling.Simulation;

/// <summary>Reads an <see cref="SloTable"/> from JSON; <see cref="SloTable.Read"/> says how it looks.</summary>
internal static class SloFile
{
    /// <summary>317 years, as for arrivals.</summary>
    private const decimal MaxMilliseconds = TraceFile.MaxMicroseconds / 1_000;

    private static readonly string[] Keys = ["classes", "default"];
    private static readonly string[] Limits = ["ttft_ms", "tpot_ms", "e2e_ms"];

    public static SloTable Read(string path, Func<Stream>? openStandardInput)
    {
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
