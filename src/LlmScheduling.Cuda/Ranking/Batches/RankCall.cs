namespace LlmScheduling;

/// <summary>One call of a ranker. It ends once: with scores, as cancelled, or with an error; the caller's memory is written only by the end that wins, before the caller hears of it.</summary>
internal sealed class RankCall
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly float[] _scores;
    private readonly Memory<float> _answers;
    private readonly CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private int _left, _hasEnded;

    public RankCall(PromptRow[] rows, Memory<float> answers, CancellationToken cancellation)
    {
        (Rows, _scores, _answers, _cancellation, _left) = (rows, new float[rows.Length], answers, cancellation, rows.Length);
        if (cancellation.CanBeCanceled)
            _registration = cancellation.UnsafeRegister(static call => ((RankCall)call!).Cancel(), this);
    }

    public PromptRow[] Rows { get; }

    public Task Task => _end.Task;

    /// <summary>Whether nobody waits any more.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>Leaves the rows unranked whose prompts could not be read.</summary>
    public void SkipUnreadable()
    {
        for (int row = 0; row < Rows.Length; row++)
        {
            if (Rows[row].Length == PromptRow.Unreadable)
                RowDone(row, float.NaN);
        }
    }

    /// <summary>Takes the score of one row; the last one hands the scores out.</summary>
    public void RowDone(int row, float score)
    {
        _scores[row] = score;
        if (--_left > 0 || Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        _registration.Dispose();
        try
        {
            // The caller's memory may be of its own making, and fail.
            _scores.CopyTo(_answers.Span);
        }
        catch (Exception problem)
        {
            _end.SetException(problem);
            return;
        }

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
