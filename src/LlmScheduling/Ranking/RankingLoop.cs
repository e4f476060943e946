using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>
/// Ranks arrivals beside the engine's loop, on one background thread below normal priority: takes what has come in, at most
/// 64 at once, asks the ranker, posts the answers. While the ranker works, the next batch gathers by itself.
/// </summary>
/// <remarks>
/// Where a <see cref="RankerInForce"/> changes, the new one scores everybody who is known and has not ended; arrivals in the meantime are
/// scored by the old one, posted at once, and by the new one; then one message changes all scores.
/// </remarks>
internal sealed partial class RankingLoop : IDisposable
{
    private const int MaxBatch = 64;

    private readonly Channel<LiveRequest?> _arrivals;
    private readonly CancellationTokenSource _stop = new();
    private readonly RankerInForce? _changing;
    private readonly ILengthPredictor? _lengths;
    private readonly Poster _post;
    private readonly ILogger _logger;
    private readonly SchedulerMetrics _metrics;
    private readonly RankingInput[] _inputs = new RankingInput[MaxBatch];
    private readonly float[] _scores = new float[MaxBatch];
    private readonly LengthEstimate[] _estimates = new LengthEstimate[MaxBatch];
    private readonly List<LiveRequest> _known = [];
    private IRequestRanker _ranker;
    private int _pruneAt = MaxBatch;
    private bool _isFaulty;

    public RankingLoop(IRequestRanker ranker, ILengthPredictor? lengths, int capacity, Poster post, ILogger logger, SchedulerMetrics metrics)
    {
        _changing = ranker as RankerInForce;
        (_ranker, _lengths, _post, _logger, _metrics) = (_changing?.Current ?? ranker, lengths, post, logger, metrics);
        _arrivals = Channel.CreateBounded<LiveRequest?>(new BoundedChannelOptions(Math.Max(MaxBatch, capacity))
        {
            // A ranker that stalls costs order: the oldest stay unranked.
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
        });
        if (_changing is not null)
            _changing.Changed += Wake;
        new Thread(Run) { IsBackground = true, Priority = ThreadPriority.BelowNormal, Name = "LlmScheduling ranking" }.UnsafeStart();
    }

    public delegate void Poster(in InboxMessage message);

    public void Collect(LiveRequest request) => _arrivals.Writer.TryWrite(request);

    public void Dispose()
    {
        if (_changing is not null)
            _changing.Changed -= Wake;
        _arrivals.Writer.TryComplete();
        try
        {
            _stop.Cancel();
        }
        catch (AggregateException fault)
        {
            // What the ranker registered on its token is not allowed to keep the rest from being disposed.
            CancellationFailed(_logger, fault, _ranker.GetType().Name);
        }
    }

    private void Wake() => _arrivals.Writer.TryWrite(null);

    private void Run()
    {
        try
        {
            while (_arrivals.Reader.WaitToReadAsync(_stop.Token).AsTask().GetAwaiter().GetResult())
            {
                RankArrivals();
                if (_known.Count >= _pruneAt)
                    Prune();
                while (_changing is not null && !ReferenceEquals(_changing.Current, _ranker))
                    RankAnew(_changing.Current);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void RankArrivals()
    {
        int count = 0;
        while (count < MaxBatch && _arrivals.Reader.TryRead(out LiveRequest? request))
        {
            if (request is null || request.Ticket.Outcome.IsCompleted)
                continue;
            _inputs[count++] = InputOf(request);
            if (_changing is not null)
                _known.Add(request);
        }

        if (count == 0 || !TryAsk(_ranker, count))
            return;
        for (int i = 0; i < count; i++)
            _post(InboxMessage.Ranked(_inputs[i].Id, _scores[i], _estimates[i]));
    }

    private void RankAnew(IRequestRanker next)
    {
        var ranks = new List<InboxMessage>();
        Prune();
        for (int from = 0; from < _known.Count; from += MaxBatch)
        {
            _stop.Token.ThrowIfCancellationRequested();
            RankArrivals();
            int count = Math.Min(MaxBatch, _known.Count - from);
            for (int i = 0; i < count; i++)
                _inputs[i] = InputOf(_known[from + i]);
            // Who could not be asked about is unranked: an old score says nothing beside new ones.
            bool isRanked = TryAsk(next, count);
            for (int i = 0; i < count; i++)
                ranks.Add(InboxMessage.RankedAnew(_inputs[i].Id, isRanked ? _scores[i] : float.NaN, isRanked ? _estimates[i] : default));
            if (!ReferenceEquals(_changing!.Current, next))
                return;
        }

        _ranker = next;
        _post(InboxMessage.Reranked(ranks));
    }

    private static RankingInput InputOf(LiveRequest live) =>
        new(live.Id, live.Request.Prompt, live.Request.PromptTokens, live.Request.MaxOutputTokens, live.Request.TrafficClass);

    /// <summary>Forgets who has ended. Those who are known are never many more than twice those who live.</summary>
    private void Prune()
    {
        _known.RemoveAll(static known => known.Ticket.Outcome.IsCompleted);
        _pruneAt = Math.Max(MaxBatch, 2 * _known.Count);
    }

    private bool TryAsk(IRequestRanker ranker, int count)
    {
        ReadOnlyMemory<RankingInput> inputs = _inputs.AsMemory(0, count);
        Memory<float> scores = _scores.AsMemory(0, count);
        Span<LengthEstimate> estimates = _estimates.AsSpan(0, count);
        scores.Span.Fill(float.NaN);
        estimates.Clear();
        long asked = _metrics.RankerAsked();
        try
        {
            ranker.RankAsync(inputs, scores, _stop.Token).AsTask().GetAwaiter().GetResult();
            _metrics.RankerAnswered(asked);
            _lengths?.Predict(inputs.Span, scores.Span, estimates);
            _isFaulty = false;
            return true;
        }
        catch (Exception fault)
        {
            if (!_isFaulty && !_stop.IsCancellationRequested)
                RankerFailed(_logger, fault, ranker.GetType().Name);
            _isFaulty = true;
            return false;
        }
    }

    [LoggerMessage(3, LogLevel.Error, "Ranker {Ranker} failed; requests stay unranked until it recovers.")]
    private static partial void RankerFailed(ILogger logger, Exception fault, string ranker);

    [LoggerMessage(8, LogLevel.Error, "Ranker {Ranker} threw when it was cancelled; ranking ends all the same.")]
    private static partial void CancellationFailed(ILogger logger, Exception fault, string ranker);
}
