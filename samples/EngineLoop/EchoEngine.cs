using System.Diagnostics;
using LlmScheduling;

/// <summary>Stands in for an engine: it keeps no KV cache, only how far each request is, and gives every request as many tokens as it may have.</summary>
internal sealed class EchoEngine
{
    private readonly Dictionary<RequestId, (int Computed, int Emitted)> _sequences = [];

    /// <summary>Runs one step; says what it added to each request and how long it took.</summary>
    public (TimeSpan Duration, RequestProgress[] Progress) Run(BatchPlan plan)
    {
        long began = Stopwatch.GetTimestamp();
        var progress = new RequestProgress[plan.Work.Length];
        for (int i = 0; i < progress.Length; i++)
        {
            PlannedWork work = plan.Work[i];
            (int computed, int emitted) = _sequences.GetValueOrDefault(work.Id);
            computed += work.Tokens;
            bool emits = computed == work.Request.PromptTokens + emitted;
            emitted += emits ? 1 : 0;
            progress[i] = new RequestProgress(work.Id, work.Tokens, emits ? 1 : 0);
            if (emitted < work.Request.MaxOutputTokens)
                _sequences[work.Id] = (computed, emitted);
            else
                _sequences.Remove(work.Id);
        }

        return (Stopwatch.GetElapsedTime(began), progress);
    }

    /// <summary>Drops the KV cache of a request; one that was preempted is computed anew, the tokens it emitted included.</summary>
    public void Free(RequestId id)
    {
        if (_sequences.TryGetValue(id, out (int Computed, int Emitted) sequence))
            _sequences[id] = sequence with { Computed = 0 };
    }
}
