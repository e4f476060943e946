namespace LlmScheduling;

/// <summary>Counts what waits for its first admission, the inbox included, against the queue's bounds. Any thread.</summary>
internal sealed class QueueBound(int maxRequests, long maxTokens)
{
    private int _requests;
    private long _tokens;

    public int Requests => Volatile.Read(ref _requests);

    public long Tokens => Volatile.Read(ref _tokens);

    public long MaxTokens => maxTokens;

    /// <summary>Counts a request in, over the bounds or not; returns whether it is within them.</summary>
    public bool Enter(int tokens) =>
        (Interlocked.Increment(ref _requests) <= maxRequests) & (Interlocked.Add(ref _tokens, tokens) <= maxTokens);

    public void Leave(int tokens)
    {
        Interlocked.Decrement(ref _requests);
        Interlocked.Add(ref _tokens, -tokens);
    }

    /// <summary>Whether one more request of <paramref name="tokens"/> fits beside <paramref name="requests"/> waiting ones of <paramref name="waitingTokens"/>.</summary>
    public bool HasRoom(int requests, long waitingTokens, int tokens) => requests < maxRequests && waitingTokens + tokens <= maxTokens;
}
