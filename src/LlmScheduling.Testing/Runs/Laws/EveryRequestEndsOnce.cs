namespace LlmScheduling.Testing;

internal sealed class EveryRequestEndsOnce() : RunLaw("EveryRequestEndsOnce", "Every request ends in exactly one outcome, in a bounded number of steps, and a completed one has got exactly its tokens.")
{
    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises)
    {
        RecordedRun recorded = RunDriver.Run(run, subject);
        if (recorded.Stall is { } stall)
            return stall;
        foreach (RunRequest request in recorded.Requests)
        {
            if (WhyWrong(request) is { } why)
                return $"{request} ended as {request.Outcome}: {why}.";
        }

        return null;
    }

    private static string? WhyWrong(RunRequest request) => request.Outcome switch
    {
        RequestOutcome.Completed => request.IsFinished ? null : $"it has {request.Emitted} of {request.Trace.OutputTokens} tokens",
        RequestOutcome.Cancelled => request.IsCancelled ? null : "nobody cancelled it",
        RequestOutcome.TimedOutInQueue => request.FirstAdmittedAt is null && request.Trace.Deadline is not null ? null : "it was admitted, or had no deadline",
        RequestOutcome.Unservable => request.FirstAdmittedAt is null ? null : "it was admitted before",
        RequestOutcome.Unattainable => request.FirstAdmittedAt is null ? null : "it was admitted before",
        _ => "nothing in the run explains it",
    };
}
