namespace LlmScheduling;

/// <summary>
/// One live request as a policy sees it: numbers only, no references, at most 128 bytes. Nobody but the scheduler can change it. Absolute times run from the
/// scheduler's start; <see cref="TimeSpan.MaxValue"/> means never.
/// </summary>
public struct RequestView
{
    internal TimeSpan LastScheduled;
    internal TimeSpan FirstToken = TimeSpan.MaxValue;
    internal int Computed;
    internal int Generated;
    internal int CachedPrefix;
    internal LengthEstimate Predicted;
    internal float Score = float.NaN;
    internal int Place = -1;
    internal int Planned = -1;
    internal RequestPhase Stage;

    /// <summary>Creates a view whose times are "never" and whose score is "not ranked", for tests of policies.</summary>
    public RequestView()
    {
    }

    /// <summary>Identity, and the last tie-break of every order.</summary>
    public RequestId Id { readonly get; init; }

    /// <summary>When it was enqueued; kept across preemptions.</summary>
    public TimeSpan ArrivedAt { readonly get; init; }

    /// <summary>When it last got tokens; equals <see cref="ArrivedAt"/> until the first time.</summary>
    public TimeSpan LastScheduledAt
    {
        readonly get => LastScheduled;
        init => LastScheduled = value;
    }

    /// <summary>When its first token was emitted.</summary>
    public TimeSpan FirstTokenAt
    {
        readonly get => FirstToken;
        init => FirstToken = value;
    }

    /// <summary>When its first token is due: arrival + TTFT.</summary>
    public TimeSpan FirstTokenDue { readonly get; init; } = TimeSpan.MaxValue;

    /// <summary>Promised time per output token (TPOT).</summary>
    public TimeSpan TokenInterval { readonly get; init; } = TimeSpan.MaxValue;

    /// <summary>When its last token is due: arrival + end-to-end.</summary>
    public TimeSpan Deadline { readonly get; init; } = TimeSpan.MaxValue;

    /// <summary><see cref="SchedulingSnapshot.ProcessedTokens"/> when it arrived.</summary>
    public long ProcessedTokensAtArrival { readonly get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { readonly get; init; }

    /// <summary>Most tokens that may be generated.</summary>
    public int MaxOutputTokens { readonly get; init; }

    /// <summary>Tokens whose KV is held; 0 again after a preemption.</summary>
    public int ComputedTokens
    {
        readonly get => Computed;
        init => Computed = value;
    }

    /// <summary>Output tokens so far; kept across preemptions.</summary>
    public int GeneratedTokens
    {
        readonly get => Generated;
        init => Generated = value;
    }

    /// <summary>Leading prompt tokens whose KV the engine probably has.</summary>
    public int CachedPrefixTokens
    {
        readonly get => CachedPrefix;
        init => CachedPrefix = value;
    }

    /// <summary>Urgency; a lower value is more urgent.</summary>
    public int Priority { readonly get; init; }

    /// <summary>Index into <see cref="SchedulingSnapshot.Tenants"/>.</summary>
    public int TenantIndex { readonly get; init; }

    /// <summary>Small number that stands for the traffic class; equal classes have equal numbers.</summary>
    public int TrafficClassIndex { readonly get; init; }

    /// <summary>Predicted output length: its traffic class's running figures until it is predicted itself; unknown before the first completion.</summary>
    public LengthEstimate Length
    {
        readonly get => Predicted;
        init => Predicted = value;
    }

    /// <summary>Score by the ranker in force, higher for a longer expected answer; NaN when not ranked.</summary>
    public float RankScore
    {
        readonly get => Score;
        init => Score = value;
    }

    /// <summary>Its place in the newest plan of the queue, from 0; -1 when that does not name it. Other places may be empty, since requests leave.</summary>
    public int PlannedPosition
    {
        readonly get => Planned;
        init => Planned = value;
    }

    /// <summary>Place in the running list; -1 when not running.</summary>
    public int AdmissionOrder
    {
        readonly get => Place;
        init => Place = value;
    }

    /// <summary>Where it stands.</summary>
    public RequestPhase Phase
    {
        readonly get => Stage;
        init => Stage = value;
    }

    /// <summary>Whether the ranker in force has scored it.</summary>
    public readonly bool IsRanked => !float.IsNaN(RankScore);

    /// <summary>Tokens to process until its next token; 1 in decode.</summary>
    public readonly int TokensToCompute => PromptTokens + GeneratedTokens - ComputedTokens;

    /// <summary>When the next token is due: arrival + TTFT + j x TPOT for token j, and never after the deadline.</summary>
    public readonly TimeSpan NextTokenDue
    {
        get
        {
            TimeSpan due = GeneratedTokens == 0 ? FirstTokenDue
                : TokenInterval == TimeSpan.MaxValue ? TimeSpan.MaxValue
                : Later(FirstTokenDue == TimeSpan.MaxValue ? FirstTokenAt : FirstTokenDue, GeneratedTokens * (double)TokenInterval.Ticks);
            return due < Deadline ? due : Deadline;
        }
    }

    private static TimeSpan Later(TimeSpan from, double ticks) =>
        from.Ticks + ticks >= long.MaxValue ? TimeSpan.MaxValue : new(from.Ticks + (long)ticks);
}
