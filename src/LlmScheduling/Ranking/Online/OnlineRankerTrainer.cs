using System.Threading.Channels;

namespace LlmScheduling;

/// <summary>
/// Learns, while a server serves, which prompts get long answers: every 16 completed requests move the weights two steps, and what was
/// learnt is put in force from time to time. As long as it does not foresee the order of lengths better than a Kendall tau-b of 0.1
/// and than the prompt's length, it is not served by: then the prompt's length is, or, where that is worth no more than 0.1 or chance either, arrival order.
/// </summary>
/// <remarks>
/// <para>
/// Give it to a scheduler or gate both as an observer and, by <see cref="Ranker"/>, as its ranker. The observer only puts the completion on
/// a queue; one background thread below normal priority learns. What the ranker is worth is measured on every completion before anything is learnt
/// from it, over the newer half of all, at most 512; what 3 standard errors of pure chance reach counts for nothing.
/// </para>
/// <para>
/// It learns from the text of the prompt and the tokens that were generated; an answer that was cut off at its limit is known to be
/// longer than that. Requests without text, or that did not complete, teach nothing. Memory is bounded: 4 MB, the hashed features of the newest
/// 1,024 prompts (no text), and the prompts that wait to be learnt from. Any thread.
/// </para>
/// </remarks>
public sealed class OnlineRankerTrainer : ISchedulingObserver, IDisposable
{
    private readonly Channel<LoggedResponse> _pending;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly OnlineLearner _learner;
    private long _dropped;
    private long _faults;
    private int _isRunning;

    /// <summary>Learns from nothing, or on from <see cref="OnlineRankerTrainerOptions.Start"/>.</summary>
    /// <param name="options">How; copied. Null: the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public OnlineRankerTrainer(OnlineRankerTrainerOptions? options = null)
        : this(options ?? new OnlineRankerTrainerOptions(), null)
    {
    }

    private OnlineRankerTrainer(OnlineRankerTrainerOptions options, OnlineLearner? learner)
    {
        options.Validate();
        _learner = learner ?? OnlineLearner.From(options.Start, options.ModelName, options.Seed);
        Ranker = new RankerInForce(_learner.Served);
        _pending = Channel.CreateBounded<LoggedResponse>(new BoundedChannelOptions(options.MaxPending) { SingleReader = true });
    }

    /// <summary>What to serve by: changes as more is learnt.</summary>
    public RankerInForce Ranker { get; }

    /// <summary>Completions that were learnt from.</summary>
    public long Learnt
    {
        get
        {
            lock (_lock)
                return _learner.Learnt;
        }
    }

    /// <summary>Completions that came faster than they could be learnt from.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Completions that could not be learnt from because learning failed; it goes on with the next.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Kendall's tau-b between length and what the learnt score was before the length was known, over the newer half of all whole answers, at most 512; 0 while it is not defined.</summary>
    public double TauB
    {
        get
        {
            lock (_lock)
                return _learner.TauB;
        }
    }

    /// <summary>Kendall's tau-b between the lengths of those answers and of their prompts; 0 while it is not defined.</summary>
    public double PromptLengthTauB
    {
        get
        {
            lock (_lock)
                return _learner.PromptLengthTauB;
        }
    }

    /// <summary>Goes on from what <see cref="Write"/> wrote, exactly as the one that wrote it would.</summary>
    /// <param name="stream">Read to its end.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="options">How; <see cref="OnlineRankerTrainerOptions.Start"/>, the seed and the model's name are those of the stream. Null: the defaults.</param>
    /// <exception cref="InputException">It is no such file, cut off, damaged, or of another version; the message says which.</exception>
    public static OnlineRankerTrainer Restore(Stream stream, string name, OnlineRankerTrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return new OnlineRankerTrainer(options ?? new OnlineRankerTrainerOptions(), OnlineLearnerFile.Read(stream, name));
    }

    /// <summary>Writes what was learnt and what is needed to learn on, with a checksum; completions that still wait are not in it. About 4 MB.</summary>
    /// <remarks>To share what was learnt as an ordinary ranker's file, write <see cref="RankerInForce.Current"/> when it is a <see cref="PromptFeatureRanker"/>.</remarks>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] bytes;
        lock (_lock)
            bytes = OnlineLearnerFile.Bytes(_learner);
        stream.Write(bytes);
    }

    /// <summary>Learns from an answer at once, in the caller's time: to begin with a log, and where every run must be the same.</summary>
    public void Learn(in LoggedResponse response)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(response.ResponseTokens, nameof(response));
        lock (_lock)
        {
            if (_learner.Add(response))
                Ranker.Current = _learner.Served;
        }
    }

    /// <inheritdoc/>
    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    /// <inheritdoc/>
    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    /// <summary>Queues a completed request to be learnt from; waits for nothing.</summary>
    public void OnRequestEnded(in EndedRequest request)
    {
        if (!TryReadLesson(request, out LoggedResponse lesson))
            return;
        if (!_pending.Writer.TryWrite(lesson))
            Interlocked.Increment(ref _dropped);
        else if (Volatile.Read(ref _isRunning) == 0 && Interlocked.Exchange(ref _isRunning, 1) == 0)
            new Thread(Run) { IsBackground = true, Priority = ThreadPriority.BelowNormal, Name = "LlmScheduling ranker learning" }.UnsafeStart();
    }

    /// <summary>Stops learning; what is in force stays so.</summary>
    public void Dispose()
    {
        _pending.Writer.TryComplete();
        _stop.Cancel();
    }

    /// <summary>What a request that ended teaches; false when nothing.</summary>
    internal static bool TryReadLesson(in EndedRequest request, out LoggedResponse lesson)
    {
        lesson = new LoggedResponse(request.Request.Prompt, request.GeneratedTokens, request.Finish == FinishReason.Length);
        return request.Outcome == RequestOutcome.Completed && request.GeneratedTokens > 0 && !request.Request.Prompt.IsEmpty;
    }

    /// <summary>An exception that nobody catches would end the server: what is learnt is never worth that.</summary>
    private void TryLearn(in LoggedResponse lesson)
    {
        try
        {
            Learn(lesson);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _faults);
        }
    }

    private void Run()
    {
        try
        {
            while (_pending.Reader.WaitToReadAsync(_stop.Token).AsTask().GetAwaiter().GetResult())
            {
                while (!_stop.IsCancellationRequested && _pending.Reader.TryRead(out LoggedResponse lesson))
                    TryLearn(lesson);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
