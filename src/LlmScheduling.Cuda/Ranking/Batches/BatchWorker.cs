using System.Threading.Channels;

namespace LlmScheduling;

/// <summary>
/// One thread, below normal priority, that owns the model: takes the calls that have come, waits for more while the batch is not
/// full and the delay not over, and runs their rows bucket by bucket. While a batch runs, the next gathers by itself.
/// </summary>
internal sealed class BatchWorker
{
    private readonly Channel<RankCall> _calls = Channel.CreateUnbounded<RankCall>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<RankCall> _gathered = [];
    private readonly IBatchScorer _scorer;
    private readonly LengthBuckets _buckets;
    private readonly RowPool _pool;
    private readonly TimeSpan _delay;
    private readonly TimeProvider _clock;
    private readonly float _sign;
    private readonly PromptRow[] _rows;
    private readonly (RankCall Call, int Row)[] _places;
    private readonly float[] _scores;
    private volatile bool _isStopped;

    public BatchWorker(IBatchScorer scorer, LengthBuckets buckets, RowPool pool, OnnxRankerOptions options, ScoreDirection direction, TimeProvider clock)
    {
        (_scorer, _buckets, _pool, _delay, _clock) = (scorer, buckets, pool, options.MaxBatchDelay, clock);
        _sign = direction == ScoreDirection.HigherIsLonger ? 1 : -1;
        (_rows, _places, _scores) = (new PromptRow[options.MaxBatchSize], new (RankCall, int)[options.MaxBatchSize], new float[options.MaxBatchSize]);
        new Thread(Run) { IsBackground = true, Priority = ThreadPriority.BelowNormal, Name = "LlmScheduling ONNX ranker" }.UnsafeStart();
    }

    /// <summary>Completes when the thread has ended and the model is disposed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Hands a call in; false when it came too late.</summary>
    public bool TryAdd(RankCall call) => _calls.Writer.TryWrite(call);

    /// <summary>Ends the run that is under way and fails what waits. Call once.</summary>
    public void Stop()
    {
        _isStopped = true;
        _scorer.Stop();
        _calls.Writer.Complete();
    }

    private void Run()
    {
        try
        {
            while (_calls.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                Turn();
            }
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        try
        {
            _scorer.Dispose();
        }
        catch (Exception)
        {
            // A lost device may refuse to free what it held: an exception that left this thread would end the process.
        }

        _ended.SetResult();
    }

    /// <summary>Whatever fails in a turn ends the calls of that turn: an exception that left this thread would end the process.</summary>
    private void Turn()
    {
        try
        {
            Gather();
            RunBuckets();
        }
        catch (Exception problem)
        {
            foreach (RankCall call in _gathered)
                call.Fail(problem);
        }
        finally
        {
            Finish();
        }
    }

    private void Gather()
    {
        int rows = TakeAll(0);
        if (_delay == TimeSpan.Zero || rows >= _rows.Length)
            return;
        using var patience = new CancellationTokenSource(_delay, _clock);
        try
        {
            while (rows < _rows.Length && _calls.Reader.WaitToReadAsync(patience.Token).AsTask().GetAwaiter().GetResult())
                rows = TakeAll(rows);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private int TakeAll(int rows)
    {
        while (rows < _rows.Length && _calls.Reader.TryRead(out RankCall? call))
        {
            _gathered.Add(call);
            rows += call.Rows.Length;
        }

        return rows;
    }

    private void RunBuckets()
    {
        foreach (RankCall call in _gathered)
            call.SkipUnreadable();
        for (int bucket = 0; bucket < _buckets.Lengths.Count; bucket++)
        {
            int count = 0;
            foreach (RankCall call in _gathered)
            {
                for (int row = 0; row < call.Rows.Length && !call.HasEnded; row++)
                {
                    if (call.Rows[row].Length == PromptRow.Unreadable || _buckets.Of(call.Rows[row].Length) != bucket)
                        continue;
                    (_rows[count], _places[count]) = (call.Rows[row], (call, row));
                    if (++count == _rows.Length)
                        count = RunBatch(count, bucket);
                }
            }

            if (count > 0)
                RunBatch(count, bucket);
        }
    }

    /// <returns>0, the rows that remain.</returns>
    private int RunBatch(int count, int bucket)
    {
        try
        {
            _scorer.Score(_rows.AsSpan(0, count), _buckets.Lengths[bucket], _scores);
        }
        catch (Exception problem)
        {
            Exception reason = _isStopped ? new ObjectDisposedException(nameof(OnnxRequestRanker)) : problem;
            for (int i = 0; i < count; i++)
                _places[i].Call.Fail(reason);
            return 0;
        }

        for (int i = 0; i < count; i++)
        {
            (RankCall call, int row) = _places[i];
            // A number that is none leaves a request unranked.
            call.RowDone(row, float.IsFinite(_scores[i]) ? _sign * _scores[i] : float.NaN);
        }

        return 0;
    }

    private void Finish()
    {
        foreach (RankCall call in _gathered)
            _pool.Return(call.Rows);
        _gathered.Clear();
        Array.Clear(_rows);
        Array.Clear(_places);
    }
}
