namespace LlmScheduling.SoakTests;

/// <summary>A ranker that stands still until the engine has made some more steps, and throws one time in five.</summary>
internal sealed class StallingRanker : IRequestRanker
{
    private readonly SemaphoreSlim _steps = new(0);
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Lets one call go on.</summary>
    public void GoOn() => _steps.Release();

    public async ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
    {
        await _steps.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (Interlocked.Increment(ref _calls) % 5 == 0)
            throw new InvalidOperationException("ranker");
        for (int i = 0; i < requests.Length; i++)
            scores.Span[i] = i % 7 == 0 ? float.NaN : requests.Span[i].Prompt.Length;
    }
}
