using System.Diagnostics;

namespace LlmScheduling;

/// <summary>What the scheduler knows of a live request beyond its <see cref="RequestView"/>. Owned by the engine's thread once drained.</summary>
internal sealed class LiveRequest(RequestTicket ticket, SloTargets targets, TimeSpan arrivedAt, long processedTokensAtArrival)
{
    public RequestTicket Ticket { get; } = ticket;

    public RequestId Id => Ticket.Id;

    public InferenceRequest Request => Ticket.Request;

    public SloTargets Targets { get; } = targets;

    public TimeSpan ArrivedAt { get; } = arrivedAt;

    public long ProcessedTokensAtArrival { get; } = processedTokensAtArrival;

    public Activity? Activity { get; init; }

    /// <summary>What its caller gets at a gate; null in a batch scheduler.</summary>
    public AdmissionLease? Lease { get; set; }

    /// <summary>Place in the table; -1 before it is drained, after it ended, and while another instance has its turn.</summary>
    public int Index { get; set; } = -1;

    public TimeSpan AdmittedAt { get; set; } = TimeSpan.MaxValue;

    public bool EverAdmitted => AdmittedAt != TimeSpan.MaxValue;

    /// <summary>The instance that it is bound to once it was admitted; it never changes from then on.</summary>
    public int Instance { get; set; }

    /// <summary>KV blocks that are set aside for it.</summary>
    public int HeldBlocks { get; set; }

    public int Preemptions { get; set; }

    /// <summary>Whether its own length was predicted, so that its class no longer speaks for it.</summary>
    public bool IsPredicted { get; set; }

    /// <summary>Tokens that steps in flight are assumed to compute.</summary>
    public int InFlightTokens { get; set; }

    /// <summary>Output tokens that steps in flight are assumed to emit.</summary>
    public int InFlightEmits { get; set; }

    /// <summary>The completion that last named it; finds duplicates without a set.</summary>
    public long ProgressStamp { get; set; }

    /// <summary>Grants of steps up to this one are void: it was preempted while they ran.</summary>
    public long VoidThroughStep { get; set; }

    /// <summary>Tokens to process until its next token beyond what is in flight; 0 when all its output is.</summary>
    public int TokensToCompute(in RequestView view) =>
        InFlightEmits > 0 && view.Generated + InFlightEmits >= view.MaxOutputTokens ? 0 : view.TokensToCompute + InFlightEmits - InFlightTokens;

    /// <summary>Whether its next grant is a decode, what is in flight taken as done.</summary>
    public bool IsDecode(in RequestView view) =>
        view.Generated + InFlightEmits > 0 && view.TokensToCompute + InFlightEmits - InFlightTokens <= 1;
}
