using System.Globalization;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>A workload in numbers.</summary>
/// <param name="Name">Where it comes from.</param>
/// <param name="Requests">How many.</param>
/// <param name="InputTokens">Prompt tokens of all.</param>
/// <param name="OutputTokens">Output tokens of all.</param>
/// <param name="SpanSeconds">From the first arrival to the last.</param>
/// <param name="Classes">Requests by traffic class, in order of the names.</param>
internal sealed record WorkloadFacts(string Name, int Requests, long InputTokens, long OutputTokens, double SpanSeconds, IReadOnlyList<KeyValuePair<string, int>> Classes)
{
    /// <summary>Mean arrivals per second; null where all arrive at once.</summary>
    public double? Rate => SpanSeconds > 0 ? (Requests - 1) / SpanSeconds : null;

    /// <summary>The same for people.</summary>
    public string Sentence => string.Create(CultureInfo.InvariantCulture,
        $"{Requests:#,0} requests{(Rate is { } rate ? $" over {DurationText.Span(SpanSeconds)} ({DurationText.Seconds(rate)}/s)" : " at once")}, mean {(double)InputTokens / Requests:0} prompt and {(double)OutputTokens / Requests:0} output tokens{ByClass}.");

    private string ByClass => Classes.Count == 1 && Classes[0].Key.Length == 0 ? "" : ": " + string.Join(", ", Classes.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Value:#,0} {(one.Key.Length == 0 ? "without class" : one.Key)}")));

    /// <summary>Counts <paramref name="workload"/>.</summary>
    public static WorkloadFacts Of(Workload workload)
    {
        IReadOnlyList<TraceRequest> requests = workload.Requests;
        return new WorkloadFacts(
            workload.Name,
            requests.Count,
            requests.Sum(request => (long)request.InputTokens),
            requests.Sum(request => (long)request.OutputTokens),
            (requests[^1].ArrivedAt - requests[0].ArrivedAt).TotalSeconds,
            [.. requests.GroupBy(request => request.TrafficClass, StringComparer.Ordinal).Select(group => KeyValuePair.Create(group.Key, group.Count())).OrderBy(one => one.Key, StringComparer.Ordinal)]);
    }
}
