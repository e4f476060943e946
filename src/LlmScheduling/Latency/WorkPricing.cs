namespace LlmScheduling;

/// <summary>Prices work from the latency model in force by its differences around a usual step, and from how often tokens run out.</summary>
internal sealed class WorkPricing
{
    private const double Forgetting = 0.98;
    private const int ProbeTokens = 512, ProbeSequences = 16;
    private const long ProbeContext = 16_384;

    private ILatencyModel? _priced;
    private WorkModel _model;
    private double _tokenBoundShare;

    /// <summary>Counts a step in.</summary>
    public void Observe(bool ranOutOfTokens) => _tokenBoundShare = Forgetting * _tokenBoundShare + (ranOutOfTokens ? 1 - Forgetting : 0);

    /// <summary>The price list under <paramref name="latency"/>; token counts while nothing is known.</summary>
    public WorkModel Under(ILatencyModel? latency)
    {
        if (latency is null)
            return default;
        if (!ReferenceEquals(latency, _priced))
        {
            _priced = latency;
            double step = Seconds(latency, 0, 0, 0);
            _model = new WorkModel(
                step,
                Math.Max(0, (Seconds(latency, 0, ProbeTokens, 0) - step) / ProbeTokens),
                Math.Max(0, (Seconds(latency, ProbeSequences, 0, 0) - step) / ProbeSequences),
                Math.Max(0, (Seconds(latency, ProbeSequences, 0, ProbeContext) - Seconds(latency, ProbeSequences, 0, 0)) / ProbeContext),
                0);
        }

        return _model with { TokenBoundShare = _tokenBoundShare };
    }

    private static double Seconds(ILatencyModel latency, int decodes, int prefill, long context) =>
        latency.PredictStep(new BatchShape(decodes, prefill, context, 0)).TotalSeconds;
}
