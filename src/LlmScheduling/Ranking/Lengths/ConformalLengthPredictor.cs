using System.Collections.Concurrent;

namespace LlmScheduling;

/// <summary>
/// Predicts lengths, by what became of its own predictions: of the lengths that were generated lately half stay below the predicted median
/// and nine in ten below the 90 % quantile, also after traffic has changed.
/// </summary>
/// <remarks>
/// <para>
/// It has two predictions of a request and gives the one that was closer lately: that of another predictor, and one of its own, the median and the
/// 90 % quantile of recent requests with about that score. Each is corrected by a step up after every length that it had below,
/// and one down after every one that it had above, so that the share of lengths above the 90 % quantile tends to 10 % whatever
/// lengths do: online conformal prediction (Gibbs, Candès, "Adaptive Conformal Inference Under Distribution Shift", arXiv 2106.00170; quantile
/// tracking, Angelopoulos, Candès, Tibshirani, "Conformal PID Control for Time Series Prediction", arXiv 2307.16895).
/// </para>
/// <para>
/// One instance for one model: give it to the scheduler or gate as length predictor and as observer. The observer only queues; what it
/// queued is learnt before the next prediction. The coverage is over all requests in the order in which they end, not for every score
/// or class apart, and a request whose limit lies at or below its predicted quantile counts for nothing. Any thread.
/// </para>
/// </remarks>
public sealed class ConformalLengthPredictor : ILengthPredictor, ISchedulingObserver
{
    private const int WindowRows = 256, MostPending = 4_096;
    private const double Step = 0.1;

    private readonly ILengthPredictor? _inner;
    private readonly ConcurrentQueue<Completion> _pending = new();
    private readonly Lock _lock = new();
    private readonly RecentLengths _recent;
    private readonly QuantileTrack _ofInner;
    private readonly QuantileTrack _ofRecent;
    private int _pendingCount;

    /// <summary>Corrects <paramref name="inner"/> where that is the better one.</summary>
    /// <param name="inner">Another predictor of the same scores, such as a <see cref="PromptFeatureRanker"/> or a <see cref="RankerInForce"/>; null: none.</param>
    public ConformalLengthPredictor(ILengthPredictor? inner = null)
        : this(inner, Step, WindowRows)
    {
    }

    internal ConformalLengthPredictor(ILengthPredictor? inner, double step, int windowRows) =>
        (_inner, _recent, _ofInner, _ofRecent) = (inner, new RecentLengths(windowRows), new QuantileTrack(step), new QuantileTrack(step));

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<RankingInput> requests, ReadOnlySpan<float> scores, Span<LengthEstimate> estimates)
    {
        lock (_lock)
        {
            Learn();
            estimates[..requests.Length].Clear();
            _inner?.Predict(requests, scores, estimates);
            for (int i = 0; i < requests.Length; i++)
            {
                LengthEstimate chosen = Chosen(estimates[i], _recent.Estimate(scores[i]));
                estimates[i] = chosen with { Median = Math.Min(chosen.Median, requests[i].MaxOutputTokens) };
            }
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

    /// <summary>Queues a completed request; what nobody has learnt from by the time that 4,096 wait is forgotten.</summary>
    public void OnRequestEnded(in EndedRequest request)
    {
        if (request.Outcome != RequestOutcome.Completed || request.GeneratedTokens < 1)
            return;
        InferenceRequest asked = request.Request;
        var input = new RankingInput(request.Id, asked.Prompt, asked.PromptTokens, asked.MaxOutputTokens, asked.TrafficClass);
        _pending.Enqueue(new Completion(input, request.RankScore, request.GeneratedTokens));
        if (Interlocked.Increment(ref _pendingCount) > MostPending && _pending.TryDequeue(out _))
            Interlocked.Decrement(ref _pendingCount);
    }

    private void Learn()
    {
        LengthEstimate[] inner = new LengthEstimate[1];
        while (_pending.TryDequeue(out Completion ended))
        {
            Interlocked.Decrement(ref _pendingCount);
            inner[0] = default;
            _inner?.Predict([ended.Input], [ended.Score], inner);
            if (inner[0].IsKnown)
                _ofInner.Observe(inner[0], ended.Tokens, ended.Input.MaxOutputTokens);
            LengthEstimate recent = _recent.Estimate(ended.Score);
            if (recent.IsKnown)
                _ofRecent.Observe(recent, ended.Tokens, ended.Input.MaxOutputTokens);
            _recent.Add(ended.Score, ended.Tokens);
        }
    }

    private LengthEstimate Chosen(LengthEstimate inner, LengthEstimate recent) =>
        inner.IsKnown && (!recent.IsKnown || _ofInner.Loss <= _ofRecent.Loss || double.IsPositiveInfinity(_ofRecent.Loss)) ? _ofInner.Correct(inner)
        : recent.IsKnown ? _ofRecent.Correct(recent)
        : default;

    private readonly record struct Completion(RankingInput Input, float Score, int Tokens);
}
