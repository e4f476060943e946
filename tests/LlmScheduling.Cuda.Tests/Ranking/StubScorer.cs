namespace LlmScheduling.Cuda.Tests;

/// <summary>Scores a row by its first number, and does what a test says.</summary>
internal sealed class StubScorer : IBatchScorer
{
    private readonly ManualResetEventSlim _stopped = new();

    /// <summary>Rows and padded length of every run.</summary>
    public List<(int Rows, int Length)> Runs { get; } = [];

    /// <summary>Called before each run, on the thread that runs it.</summary>
    public Action? BeforeRun { get; set; }

    /// <summary>Called by disposal, once <see cref="IsDisposed"/> is set.</summary>
    public Action? AtDisposal { get; set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Set when the scorer is stopped.</summary>
    public WaitHandle Stopped => _stopped.WaitHandle;

    public void Score(ReadOnlySpan<PromptRow> rows, int length, Span<float> scores)
    {
        BeforeRun?.Invoke();
        Runs.Add((rows.Length, length));
        for (int i = 0; i < rows.Length; i++)
            scores[i] = rows[i].Ids[0] == 'n' ? float.NaN : rows[i].Ids[0];
    }

    public void Stop() => _stopped.Set();

    public void Dispose()
    {
        IsDisposed = true;
        AtDisposal?.Invoke();
    }
}
