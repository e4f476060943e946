namespace LlmScheduling;

/// <summary>
/// Learns a latency model from steps as they complete: recursive least squares on relative errors, 1 = terms / duration x
/// coefficients, with forgetting 0.99 and coefficients of at least zero. Weighing by 1 / duration makes stalls harmless.
/// </summary>
/// <remarks>
/// One thread at a time. The published model is immutable and replaced only when its prediction of the step at hand has moved by
/// more than 1 %, or its range, that of the last 512 to 1,024 steps, by an eighth; otherwise an observation allocates nothing.
/// </remarks>
public sealed class RecursiveLatencyFit
{
    private const double Forgetting = 0.99, PriorWeight = 0.01, FloorWeight = 1e-3, LeastMove = 0.01;
    private const int LeastSteps = 20, RangeSteps = 512;

    private readonly LatencyTerms _terms;
    private readonly NormalEquations _equations;
    private readonly double[] _values;
    private readonly double[] _coefficients;
    private readonly double[] _scale;
    private ObservedShapes _recent = ObservedShapes.None, _earlier = ObservedShapes.None;
    private bool _hasRangeShrunk;

    /// <summary>Starts with nothing known.</summary>
    /// <param name="expertsPerToken">For a mixture of experts, the share of experts that one token takes (8 of 128: 0.0625); null for a dense model.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="expertsPerToken"/> is not above 0 and at most 1.</exception>
    public RecursiveLatencyFit(double? expertsPerToken = null)
    {
        if (expertsPerToken is not (null or > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(expertsPerToken), expertsPerToken, "The share of experts per token must be above 0 and at most 1.");
        _terms = expertsPerToken is { } share ? new ExpertTerms(share) : LinearTerms.Instance;
        _equations = new NormalEquations(_terms.Count);
        _values = new double[_terms.Count];
        _coefficients = new double[_terms.Count];
        _scale = new double[_terms.Count];
        for (int i = 0; i < _terms.Count; i++)
        {
            _scale[i] = _terms.IsPerStep(i) ? 1e-2 : 1e-4;
            _equations.AddPrior(i, 0, PriorWeight);
        }
    }

    /// <summary>Steps that were counted in.</summary>
    public long Steps { get; private set; }

    /// <summary>What is known now; null before 20 steps.</summary>
    public IFittedLatencyModel? Model { get; private set; }

    /// <summary>Counts a completed step in. An empty one, or one without a duration, tells nothing and is left out.</summary>
    public void Observe(in BatchShape shape, TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero || (shape.DecodeSequences == 0 && shape.PrefillTokens == 0))
            return;
        if (Steps++ % RangeSteps == 0)
        {
            (_earlier, _recent) = (_recent, ObservedShapes.None);
            _hasRangeShrunk = Model is { } model && !_earlier.NearlyContains(model.Observed);
        }

        _recent = _recent.With(shape);
        _terms.Write(shape, _values);
        for (int i = 0; i < _values.Length; i++)
            _values[i] *= _scale[i];
        _equations.Forget(Forgetting);
        _equations.AddRelative(_values, duration.TotalSeconds);
        _equations.Solve(_coefficients);
        KeepWhatIsForgotten();
        if (Steps >= LeastSteps)
            Publish(shape);
    }

    /// <summary>
    /// What a coefficient was last known to be holds while the steps that tell of it stay away; without this its weight would
    /// vanish in rounding after some ten thousand steps.
    /// </summary>
    private void KeepWhatIsForgotten()
    {
        for (int i = 0; i < _coefficients.Length; i++)
        {
            double missing = FloorWeight - _equations.Information(i);
            if (missing > 0)
                _equations.AddPrior(i, _coefficients[i], missing);
        }
    }

    private void Publish(in BatchShape shape)
    {
        double predicted = 0;
        for (int i = 0; i < _values.Length; i++)
            predicted += _values[i] * _coefficients[i];
        if (!_hasRangeShrunk && Model is { } model && model.Observed.NearlyContains(shape)
            && Math.Abs(model.PredictStep(shape).TotalSeconds - predicted) <= LeastMove * predicted)
            return;
        Span<double> seconds = stackalloc double[LatencyTerms.MaxCount];
        for (int i = 0; i < _coefficients.Length; i++)
            seconds[i] = _coefficients[i] * _scale[i];
        _hasRangeShrunk = false;
        Model = _terms.Model(seconds, _earlier.With(_recent));
    }
}
