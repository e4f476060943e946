namespace LlmScheduling;

/// <summary>What an <see cref="InboxMessage"/> says.</summary>
internal enum InboxMessageKind : byte
{
    Wake,
    Arrival,
    Cancel,
    CachedPrefix,
    Ranked,
    Reranked,
    Planned,
}
