using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

internal sealed class UnservableIsRefused() : RunLaw("UnservableIsRefused", "A request that can never fit is refused when it arrives, and only such a request is.")
{
    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises)
    {
        if (run.Engine.KvBlocks is not { } blocks)
            return null;
        foreach (RunRequest request in RunDriver.Run(run, subject).Requests)
        {
            TraceRequest trace = request.Trace;
            long context = trace.InputTokens + (long)(trace.MaxOutputTokens ?? trace.OutputTokens) - 1;
            bool canFit = (context + run.Engine.KvBlockTokens - 1) / run.Engine.KvBlockTokens <= blocks;
            if (canFit == (request.Outcome == RequestOutcome.Unservable))
                return $"{request} needs {context} KV tokens of {blocks * run.Engine.KvBlockTokens} and ended as {request.Outcome?.ToString() ?? "nothing"}.";
        }

        return null;
    }
}
