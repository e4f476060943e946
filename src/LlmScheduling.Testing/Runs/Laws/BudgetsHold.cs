namespace LlmScheduling.Testing;

internal sealed class BudgetsHold() : RunLaw("BudgetsHold", "No step exceeds its tokens, its sequences, a request's chunk, or the KV blocks, by the engine's own books.")
{
    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises) =>
        RunDriver.Run(run, subject, new Books(promises.LendsSeats)).Violation;

    private sealed class Books(bool lendsSeats) : IRunWatch
    {
        public string? ViolationIn(PlannedStep plan, RunCase run, IReadOnlyDictionary<RequestId, RunRequest> requests, TimeSpan now)
        {
            long tokens = plan.Work.Sum(work => (long)work.Tokens);
            if (tokens > run.Engine.MaxBatchTokens)
                return $"{tokens} tokens in a step of at most {run.Engine.MaxBatchTokens}.";
            int chunk = run.Engine.PrefillChunkTokens ?? int.MaxValue;
            HashSet<RequestId> gone = [.. plan.Preempted, .. plan.Released];
            Dictionary<RequestId, long> held = requests.Where(pair => pair.Value.IsResident && !gone.Contains(pair.Key)).ToDictionary(pair => pair.Key, pair => (long)pair.Value.Computed);
            foreach (PlannedWork work in plan.Work)
            {
                if (work.Tokens < 1 || work.Tokens > chunk)
                    return $"{work.Tokens} tokens for one request; 1 to {chunk} are allowed.";
                if (requests.TryGetValue(work.Id, out RunRequest? request))
                    held[work.Id] = (gone.Contains(work.Id) ? 0 : request.Computed) + (long)work.Tokens;
            }

            int seated = lendsSeats ? plan.Work.Count : held.Count;
            if (seated > run.Engine.MaxSequences)
                return $"{seated} requests hold {run.Engine.MaxSequences} seats.";
            long blocks = held.Values.Sum(computed => (computed + run.Engine.KvBlockTokens - 1) / run.Engine.KvBlockTokens);
            return blocks > (run.Engine.KvBlocks ?? long.MaxValue) ? $"{blocks} KV blocks of {run.Engine.KvBlocks} are needed." : null;
        }
    }
}
