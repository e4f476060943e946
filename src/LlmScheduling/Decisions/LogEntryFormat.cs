using System.Text.Json;

namespace LlmScheduling;

/// <summary>Turns a line's JSON into its entry; the counterpart of <see cref="DecisionRecorder"/>. Throws what the JSON reader throws, or <see cref="FormatException"/>.</summary>
internal static class LogEntryFormat
{
    private static readonly Dictionary<string, RequestOutcome> Outcomes = Enum.GetValues<RequestOutcome>().ToDictionary(OutcomeName.Of);

    public static DecisionLogEntry Read(JsonElement line, long at)
    {
        string kind = line.Text("kind");
        DecisionLogEntry entry = kind switch
        {
            "header" => Header(line),
            "arrival" => Arrival(line, DecisionKind.Arrival),
            "refusal" => Arrival(line, DecisionKind.Refusal) with { Outcome = Outcomes[line.Text("outcome")] },
            "cancel" => OfRequest(line, DecisionKind.Cancel),
            "cachedPrefix" => OfRequest(line, DecisionKind.CachedPrefix) with { CachedPrefixTokens = line.GetProperty("tokens").GetInt32() },
            "score" => Score(line),
            "stack" => Of(DecisionKind.Stack) with { StackName = line.Text("stack"), Allocation = LogHeader.ReadAllocation(line) },
            "plan" => Plan(line),
            "completion" => Completion(line),
            "outcome" => Ended(line),
            "stop" => Of(DecisionKind.Stop) with { At = line.Ticks("at") },
            "end" => Of(DecisionKind.End) with { Dropped = line.GetProperty("dropped").GetInt64() },
            _ => throw new FormatException($"unknown kind {kind}"),
        };
        return entry with { Line = at, Number = line.GetProperty("n").GetInt64() };
    }

    private static DecisionLogEntry Of(DecisionKind kind) => new() { Kind = kind, Line = 0, Number = 0 };

    private static DecisionLogEntry OfRequest(JsonElement line, DecisionKind kind) => Of(kind) with { Id = Id(line.GetProperty("id")) };

    private static RequestId Id(JsonElement value) => new(value.GetInt64());

    private static DecisionLogEntry Header(JsonElement line)
    {
        int schema = line.GetProperty("schema").GetInt32();
        if (schema != DecisionRecorder.Schema)
            throw new FormatException($"schema {schema}");
        return Of(DecisionKind.Header) with
        {
            Options = LogHeader.ReadOptions(line),
            StackName = line.Text("stack"),
            Allocation = LogHeader.ReadAllocation(line),
            LatencyModel = line.GetProperty("latencyModel").GetString(),
            VictimPolicy = line.GetProperty("victimPolicy").GetString(),
        };
    }

    private static DecisionLogEntry Arrival(JsonElement line, DecisionKind kind) => OfRequest(line, kind) with
    {
        At = line.Ticks("at"),
        Request = new InferenceRequest
        {
            PromptTokens = line.GetProperty("promptTokens").GetInt32(),
            MaxOutputTokens = line.GetProperty("maxOutputTokens").GetInt32(),
            CachedPrefixTokens = line.GetProperty("cachedPrefixTokens").GetInt32(),
            Tenant = line.Text("tenant"),
            TrafficClass = line.Text("trafficClass"),
            Priority = line.GetProperty("priority").GetInt32(),
            QueueTimeout = line.OptionalTicks("queueTimeout"),
        },
        Targets = new SloTargets(line.Ticks("timeToFirstToken"), line.Ticks("timePerOutputToken"), line.Ticks("endToEnd")),
        ProcessedTokens = line.GetProperty("processedTokens").GetInt64(),
    };

    private static DecisionLogEntry Score(JsonElement line) => OfRequest(line, DecisionKind.Score) with
    {
        Score = line.GetProperty("score").Single(),
        Length = new LengthEstimate(line.GetProperty("median").Single(), line.GetProperty("logSpread").Single()),
        Replaces = line.TryGetProperty("replaces", out JsonElement replaces) && replaces.GetBoolean(),
    };

    private static DecisionLogEntry Plan(JsonElement line) => Of(DecisionKind.Plan) with
    {
        At = line.Ticks("at"),
        Step = line.GetProperty("step").GetInt64(),
        FreeKvBlocks = line.OptionalInt("freeKvBlocks"),
        Places = line.TryGetProperty("places", out JsonElement places) ? [.. places.EnumerateArray().Select(one => new LoggedPlace(Id(one[0]), one[1].GetInt32()))] : null,
        Work = [.. line.GetProperty("work").EnumerateArray().Select(work => new LoggedGrant(Id(work[0]), work[1].GetInt32()))],
        Admitted = [.. line.GetProperty("admitted").EnumerateArray().Select(one => new LoggedAdmission(Id(one[0]), new PriorityKey(one[1].GetInt32(), one[2].GetInt32(), one[3].Real())))],
        Preempted = Ids(line, "preempted"),
        Released = Ids(line, "released"),
        PolicyFault = line.TryGetProperty("policyFault", out JsonElement fault) ? fault.GetString() : null,
    };

    private static DecisionLogEntry Completion(JsonElement line) => Of(DecisionKind.Completion) with
    {
        At = line.Ticks("at"),
        Step = line.GetProperty("step").GetInt64(),
        Duration = line.Ticks("duration"),
        Progress = [.. line.GetProperty("progress").EnumerateArray().Select(one => new RequestProgress(
            Id(one[0]), one[1].GetInt32(), one[2].GetInt32(), one.GetArrayLength() > 3 ? Finish(one[3].GetString()) : FinishReason.None))],
    };

    private static DecisionLogEntry Ended(JsonElement line) => OfRequest(line, DecisionKind.Outcome) with
    {
        At = line.Ticks("at"),
        Outcome = Outcomes[line.Text("outcome")],
        Finish = Finish(line.Text("finish")),
        AdmittedAt = line.OptionalTicks("admittedAt"),
        FirstTokenAt = line.OptionalTicks("firstTokenAt"),
        GeneratedTokens = line.GetProperty("generated").GetInt32(),
        Preemptions = line.GetProperty("preemptions").GetInt32(),
    };

    private static RequestId[] Ids(JsonElement line, string name) => [.. line.GetProperty(name).EnumerateArray().Select(Id)];

    private static FinishReason Finish(string? reason) => reason switch
    {
        "none" => FinishReason.None,
        "stop" => FinishReason.Stop,
        "length" => FinishReason.Length,
        "failed" => FinishReason.Failed,
        _ => throw new FormatException($"unknown finish {reason}"),
    };
}
