namespace LlmScheduling;

/// <summary>When a request's KV blocks are set aside.</summary>
public enum KvReservation : byte
{
    /// <summary>Blocks are taken as tokens are granted; under pressure a running request is preempted and recomputed later.</summary>
    OnDemand,

    /// <summary>A request is admitted only where its whole prompt fits; decode takes blocks on demand.</summary>
    WholePrompt,

    /// <summary>A request is admitted only where its prompt and its longest output fit; KV pressure never preempts.</summary>
    WholeContext,
}
