namespace LlmScheduling.Tests;

/// <summary>An annealer that stands still until the test lets it answer once; it plans the latest id first.</summary>
internal sealed class ScriptedAnnealer : IQueueAnnealer, IDisposable
{
    private readonly SemaphoreSlim _asked = new(0), _answers = new(0);

    public volatile bool Throws;

    public Thread? Thread { get; private set; }

    public CancellationToken Token { get; private set; }

    /// <summary>The ids of the requests that wait in the newest snapshot it was shown.</summary>
    public long[] Waiting { get; private set; } = [];

    public void Plan(in SchedulingSnapshot snapshot, Span<int> positions, CancellationToken cancellationToken = default)
    {
        (Thread, Token) = (Thread.CurrentThread, cancellationToken);
        var waiting = new List<long>();
        foreach (ref readonly RequestView request in snapshot.Requests)
        {
            if (request.Phase != RequestPhase.Running)
                waiting.Add(request.Id.Sequence);
        }

        Waiting = [.. waiting.Order()];
        long latest = waiting.Max();
        _asked.Release();
        _answers.Wait(CancellationToken.None);
        if (Throws)
            throw new InvalidOperationException("no plan");
        for (int i = 0; i < positions.Length; i++)
            positions[i] = (int)(latest - snapshot.Requests[i].Id.Sequence);
    }

    /// <summary>Returns once it is asked, so often.</summary>
    public void WaitUntilAsked() => Assert.True(_asked.Wait(TimeSpan.FromSeconds(60)), "The annealer is not asked.");

    /// <summary>Whether it was asked since the last wait.</summary>
    public bool IsAsked => _asked.CurrentCount > 0;

    /// <summary>It answers one call.</summary>
    public void Answer() => _answers.Release();

    public void Dispose() => _answers.Release(1_000);
}
