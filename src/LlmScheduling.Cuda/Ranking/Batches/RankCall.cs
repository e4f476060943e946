namespace LlmScheduling;

/// <summary>One call of a ranker. It ends once: with scores, as cancelled, or with an error; the caller's memory is written only by the end that wins, before the caller hears of it.</summary>
internal sealed class RankCall
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Memory<float> _answers;
    private readonly CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private int _left, _hasEnded;

    public RankCall(PromptRow[] rows, Memory<float> answers, CancellationToken cancellation)
    {
        (Rows, Scores, _answers, _cancellation, _left) = (rows, new float[rows.Length], answers, cancellation, rows.Length);
        if (cancellation.CanBeCanceled)
            _registration = cancellation.UnsafeRegister(static call => ((RankCall)call!).Cancel(), this);
    }

    public PromptRow[] Rows { get; }

    /// <summary>Scores so far.</summary>
    public float[] Scores { get; }

    public Task Task => _end.Task;

    /// <summary>Whether nobody waits any more.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>Counts one scored row; the last one hands the scores out.</summary>
    public void RowDone()
    {
        if (--_left > 0 || Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        Scores.CopyTo(_answers.Span);
        _registration.Dispose();
        _end.SetResult();
    }

    public void Fail(Exception problem)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        _registration.Dispose();
        _end.SetException(problem);
    }

    private void Cancel()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 0)
            _end.SetCanceled(_cancellation);
    }
}
