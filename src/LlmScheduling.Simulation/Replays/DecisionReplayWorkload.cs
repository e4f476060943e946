using System.Globalization;

namespace LlmScheduling.Simulation;

/// <summary>Makes a workload of a decision log's arrivals and outcomes.</summary>
internal static class DecisionReplayWorkload
{
    public static Workload From(IEnumerable<DecisionLogEntry> entries, string source)
    {
        var arrivals = new List<DecisionLogEntry>();
        var generated = new Dictionary<RequestId, int>();
        var completed = new Dictionary<RequestId, int>();
        foreach (DecisionLogEntry entry in entries)
        {
            if (entry.Kind is DecisionKind.Arrival or DecisionKind.Refusal)
                arrivals.Add(entry);
            else if (entry is { Kind: DecisionKind.Outcome, Id: { } id })
                (entry.Outcome == RequestOutcome.Completed ? completed : generated)[id] = entry.GeneratedTokens;
        }

        Dictionary<string, int> medians = arrivals
            .Where(arrival => completed.ContainsKey(arrival.Id!.Value))
            .GroupBy(arrival => arrival.Request!.TrafficClass, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => Median(group.Select(arrival => completed[arrival.Id!.Value])), StringComparer.Ordinal);
        return new Workload(source, arrivals.OrderBy(arrival => arrival.Id!.Value.Sequence).Select(Traced));

        TraceRequest Traced(DecisionLogEntry arrival)
        {
            (RequestId id, InferenceRequest request) = (arrival.Id!.Value, arrival.Request!);
            int length = completed.TryGetValue(id, out int whole) ? whole
                : generated.GetValueOrDefault(id) is > 0 and int begun ? begun
                : Math.Min(request.MaxOutputTokens, medians.GetValueOrDefault(request.TrafficClass, request.MaxOutputTokens));
            return new TraceRequest
            {
                Id = id.Sequence.ToString(CultureInfo.InvariantCulture),
                ArrivedAt = arrival.At!.Value,
                InputTokens = request.PromptTokens,
                OutputTokens = Math.Max(1, length),
                MaxOutputTokens = Math.Max(1, request.MaxOutputTokens),
                Priority = request.Priority,
                Tenant = request.Tenant,
                TrafficClass = request.TrafficClass,
                Deadline = arrival.Targets!.Value.EndToEnd is var deadline && deadline != TimeSpan.MaxValue ? deadline : null,
            };
        }
    }

    private static int Median(IEnumerable<int> lengths)
    {
        int[] sorted = [.. lengths.Order()];
        return sorted[sorted.Length / 2];
    }
}
