namespace LlmScheduling;

/// <summary>What another thread tells the engine's thread; drained, in order, when the next step is planned.</summary>
internal readonly struct InboxMessage
{
    private InboxMessage(InboxMessageKind kind) => Kind = kind;

    public InboxMessageKind Kind { get; }

    public LiveRequest? Request { get; private init; }

    public RequestId Id { get; private init; }

    public int Tokens { get; private init; }

    public float Score { get; private init; }

    public LengthEstimate Length { get; private init; }

    public QueuePlan? Plan { get; private init; }

    /// <summary>Whether a score stands in place of another ranker's, even where it says nothing.</summary>
    public bool Replaces { get; private init; }

    public IReadOnlyList<InboxMessage>? Ranks { get; private init; }

    /// <summary>Nothing to tell but to look again.</summary>
    public static InboxMessage Wake => new(InboxMessageKind.Wake);

    public static InboxMessage Arrival(LiveRequest request) => new(InboxMessageKind.Arrival) { Request = request };

    public static InboxMessage Cancel(RequestId id) => new(InboxMessageKind.Cancel) { Id = id };

    public static InboxMessage CachedPrefix(RequestId id, int tokens) => new(InboxMessageKind.CachedPrefix) { Id = id, Tokens = tokens };

    /// <summary>A ranker's answer: NaN leaves the score, an unknown length leaves the length.</summary>
    public static InboxMessage Ranked(RequestId id, float score, LengthEstimate length) => new(InboxMessageKind.Ranked) { Id = id, Score = score, Length = length };

    /// <summary>The answer of the ranker that takes another one's place: NaN and an unknown length take back what that one had said.</summary>
    public static InboxMessage RankedAnew(RequestId id, float score, LengthEstimate length) => new(InboxMessageKind.Ranked) { Id = id, Score = score, Length = length, Replaces = true };

    /// <summary>The answers of a new ranker about everybody, to be read in one go: scores of two rankers are never compared.</summary>
    public static InboxMessage Reranked(IReadOnlyList<InboxMessage> ranks) => new(InboxMessageKind.Reranked) { Ranks = ranks };

    /// <summary>A new order of the queue, in place of the one before.</summary>
    public static InboxMessage Planned(QueuePlan plan) => new(InboxMessageKind.Planned) { Plan = plan };
}
