namespace LlmScheduling.Tests;

/// <summary>A ranker that stands still until the test opens it; a score is the prompt's length.</summary>
internal sealed class ScriptedRanker : IRequestRanker, IDisposable
{
    private readonly HashSet<long> _asked = [];
    private readonly ManualResetEventSlim _open = new();

    public volatile bool Throws;

    public Thread? Thread { get; private set; }

    public CancellationToken Token { get; private set; }

    public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
    {
        bool throws = Throws;
        lock (_asked)
        {
            (Thread, Token) = (Thread.CurrentThread, cancellationToken);
            foreach (RankingInput request in requests.Span)
                _asked.Add(request.Id.Sequence);
            Monitor.PulseAll(_asked);
        }

        _open.Wait(CancellationToken.None);
        if (throws)
            throw new InvalidOperationException("no scores");
        for (int i = 0; i < requests.Length; i++)
            scores.Span[i] = requests.Span[i].Prompt.Length;
        return ValueTask.CompletedTask;
    }

    /// <summary>Returns once the ranker was asked for a request; its answers to earlier calls are posted by then.</summary>
    public void WaitUntilAskedFor(RequestTicket ticket)
    {
        lock (_asked)
        {
            while (!_asked.Contains(ticket.Id.Sequence))
                Assert.True(Monitor.Wait(_asked, TimeSpan.FromSeconds(60)), "The ranker is not asked.");
        }
    }

    public bool WasAskedFor(RequestTicket ticket)
    {
        lock (_asked)
            return _asked.Contains(ticket.Id.Sequence);
    }

    /// <summary>It answers from here on.</summary>
    public void Open() => _open.Set();

    public void Dispose() => _open.Set();
}
