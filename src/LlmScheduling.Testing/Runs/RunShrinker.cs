using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>Makes runs smaller while they stay possible: fewer requests, fewer cancels, shorter and plainer requests, a plainer engine.</summary>
internal static class RunShrinker
{
    public static IEnumerable<RunCase> Smaller(RunCase run)
    {
        int count = run.Requests.Count;
        for (int part = count / 2; part >= 1; part /= 2)
        {
            for (int from = 0; from + part <= count; from += part)
                yield return Without(run, from, part);
        }

        for (int i = 0; i < run.Cancels.Count; i++)
            yield return run with { Cancels = [.. run.Cancels.Take(i), .. run.Cancels.Skip(i + 1)] };
        for (int i = 0; i < count; i++)
        {
            foreach (TraceRequest plainer in Plainer(run.Requests[i], i == 0 ? TimeSpan.Zero : run.Requests[i - 1].ArrivedAt))
            {
                TraceRequest[] requests = [.. run.Requests];
                requests[i] = plainer;
                yield return run with { Requests = requests };
            }
        }

        foreach (EngineSettings plainer in Plainer(run.Engine))
            yield return run with { Engine = plainer };
    }

    private static RunCase Without(RunCase run, int from, int part) => run with
    {
        Requests = [.. run.Requests.Take(from), .. run.Requests.Skip(from + part)],
        Cancels = [.. run.Cancels.Where(cancel => cancel.Request < from || cancel.Request >= from + part).Select(cancel => cancel.Request < from ? cancel : (cancel.Request - part, cancel.BeforeStep))],
    };

    private static IEnumerable<TraceRequest> Plainer(TraceRequest request, TimeSpan previous)
    {
        if (request.InputTokens > 1)
        {
            yield return request with { InputTokens = 1 };
            yield return request with { InputTokens = request.InputTokens / 2 };
            yield return request with { InputTokens = request.InputTokens - 1 };
        }

        if (request.OutputTokens > 1)
        {
            yield return request with { OutputTokens = 1, MaxOutputTokens = request.MaxOutputTokens };
            yield return request with { OutputTokens = request.OutputTokens / 2, MaxOutputTokens = request.MaxOutputTokens };
        }

        if (request.MaxOutputTokens > request.OutputTokens)
            yield return request with { MaxOutputTokens = request.OutputTokens };
        if (request.Priority != 0)
            yield return request with { Priority = 0 };
        if (request.Tenant != "a" && request.Tenant.Length > 0)
            yield return request with { Tenant = "a" };
        if (request.TrafficClass.Length > 0)
            yield return request with { TrafficClass = "" };
        if (request.Deadline is not null)
            yield return request with { Deadline = null };
        if (request.ArrivedAt > previous)
            yield return request with { ArrivedAt = previous };
    }

    private static IEnumerable<EngineSettings> Plainer(EngineSettings engine)
    {
        if (engine.KvBlocks is not null)
            yield return engine with { KvBlocks = null, Preemption = Preemption.None };
        if (engine.PrefillChunkTokens is not null)
            yield return engine with { PrefillChunkTokens = null };
        if (engine.ExpireAtDeadline)
            yield return engine with { ExpireAtDeadline = false };
        if (engine.LookAheadRequests > 0)
            yield return engine with { LookAheadRequests = 0 };
        if (engine.MaxSequences > 1)
            yield return engine with { MaxSequences = engine.MaxSequences - 1 };
    }
}
