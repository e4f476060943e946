namespace LlmScheduling.Testing;

/// <summary>What happened in a run, by the engine's own books.</summary>
internal sealed record RecordedRun(RunCase Case, IReadOnlyList<RunRequest> Requests, IReadOnlyList<PlannedStep> Steps, string? Violation)
{
    public IReadOnlyDictionary<RequestId, RunRequest> ById => Requests.Where(request => request.Ticket is not null).ToDictionary(request => request.Ticket!.Id);
}
