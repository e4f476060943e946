using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>
/// Ranks arrivals beside the engine's loop, on one background thread below normal priority: takes what has come in, at most
/// 64 at once, asks the ranker, posts the answers. While the ranker works, the next batch gathers by itself.
/// </summary>
internal sealed partial class RankingLoop : IDisposable
{
    private const int MaxBatch = 64;

    private readonly Channel<LiveRequest> _arrivals;
    private readonly CancellationTokenSource _stop = new();
    private readonly IRequestRanker _ranker;
    private readonly ILengthPredictor? _lengths;
    private readonly Poster _post;
    private readonly ILogger _logger;
    private readonly SchedulerMetrics _metrics;
    private bool _isFaulty;

    public RankingLoop(IRequestRanker ranker, ILengthPredictor? lengths, int capacity, Poster post, ILogger logger, SchedulerMetrics metrics)
    {
        (_ranker, _lengths, _post, _logger, _metrics) = (ranker, lengths, post, logger, metrics);
        _arrivals = Channel.CreateBounded<LiveRequest>(new BoundedChannelOptions(Math.Max(MaxBatch, capacity))
        {
            // A ranker that stalls costs order: the oldest stay unranked.
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
        });
        new Thread(Run) { IsBackground = true, Priority = ThreadPriority.BelowNormal, Name = "LlmScheduling ranking" }.Start();
    }

    public delegate void Poster(in InboxMessage message);

    public void Collect(LiveRequest request) => _arrivals.Writer.TryWrite(request);

    public void Dispose()
    {
        _arrivals.Writer.TryComplete();
        _stop.Cancel();
    }

    private void Run()
    {
        var inputs = new RankingInput[MaxBatch];
        var scores = new float[MaxBatch];
        var estimates = new LengthEstimate[MaxBatch];
        try
        {
            while (_arrivals.Reader.WaitToReadAsync(_stop.Token).AsTask().GetAwaiter().GetResult())
            {
                int count = 0;
                while (count < MaxBatch && _arrivals.Reader.TryRead(out LiveRequest? request))
                {
                    if (!request.Ticket.Outcome.IsCompleted)
                        inputs[count++] = new(request.Id, request.Request.Prompt, request.Request.PromptTokens, request.Request.MaxOutputTokens, request.Request.TrafficClass);
                }

                if (count > 0)
                    Rank(inputs.AsMemory(0, count), scores.AsMemory(0, count), estimates.AsSpan(0, count));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Rank(ReadOnlyMemory<RankingInput> inputs, Memory<float> scores, Span<LengthEstimate> estimates)
    {
        scores.Span.Fill(float.NaN);
        estimates.Clear();
        long asked = _metrics.RankerAsked();
        try
        {
            _ranker.RankAsync(inputs, scores, _stop.Token).AsTask().GetAwaiter().GetResult();
            _metrics.RankerAnswered(asked);
            _lengths?.Predict(inputs.Span, scores.Span, estimates);
            _isFaulty = false;
        }
        catch (Exception fault)
        {
            if (!_isFaulty && !_stop.IsCancellationRequested)
                RankerFailed(_logger, fault, _ranker.GetType().Name);
            _isFaulty = true;
            return;
        }

        for (int i = 0; i < inputs.Length; i++)
            _post(InboxMessage.Ranked(inputs.Span[i].Id, scores.Span[i], estimates[i]));
    }

    [LoggerMessage(3, LogLevel.Error, "Ranker {Ranker} failed; requests stay unranked until it recovers.")]
    private static partial void RankerFailed(ILogger logger, Exception fault, string ranker);
}
