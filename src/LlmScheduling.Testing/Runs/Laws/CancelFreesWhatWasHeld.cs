namespace LlmScheduling.Testing;

internal sealed class CancelFreesWhatWasHeld() : RunLaw("CancelFreesWhatWasHeld", "After a cancel the next plan releases the request exactly when the engine has it, and never names it again.")
{
    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises) =>
        RunDriver.Run(run, subject, new Watch()).Violation;

    private sealed class Watch : IRunWatch
    {
        private readonly HashSet<RequestId> _done = [];

        public string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now)
        {
            foreach ((RequestId id, RunRequest request) in requests)
            {
                if (!request.IsCancelled)
                    continue;
                bool isReleased = plan.Released.Contains(id);
                if (_done.Add(id) && request.Outcome == RequestOutcome.Cancelled && isReleased != request.IsResident)
                    return $"{request} was cancelled while the engine {(request.IsResident ? "had it, and is not released" : "did not have it, and is released")}.";
                if (plan.Work.Any(work => work.Id == id))
                    return $"{request} was cancelled and gets tokens.";
                if (request.Outcome is null)
                    return $"{request} was cancelled and has no outcome.";
            }

            return null;
        }
    }
}
