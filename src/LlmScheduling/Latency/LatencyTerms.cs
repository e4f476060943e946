namespace LlmScheduling;

/// <summary>
/// A formula as a sum of coefficient x term, its knees or shares given: what least squares fits. The terms of a step add up
/// over steps, so a sum of durations can be fitted as well as one.
/// </summary>
internal abstract class LatencyTerms
{
    /// <summary>The most terms that any formula has.</summary>
    public const int MaxCount = 10;

    /// <summary>How many coefficients there are.</summary>
    public abstract int Count { get; }

    /// <summary>Whether the term at <paramref name="index"/> is counted per step, not per token.</summary>
    public abstract bool IsPerStep(int index);

    /// <summary>How far its knees lie from where they usually are, in squared octaves.</summary>
    public virtual double Implausibility => 0;

    /// <summary>Where the coefficient of prefill attention stands; null when the formula has none.</summary>
    public virtual int? AttentionIndex => null;

    /// <summary>Writes the terms of a step.</summary>
    public abstract void Write(in BatchShape shape, Span<double> terms);

    /// <summary>The model with these coefficients, in seconds.</summary>
    public abstract IFittedLatencyModel Model(ReadOnlySpan<double> coefficients, in ObservedShapes observed);
}
