namespace LlmScheduling;

/// <summary>
/// A step takes a fixed time and so much per prefill token, decode sequence and token of decode context. Good where it was
/// fitted and poor elsewhere: ask <see cref="Observed"/>. Immutable.
/// </summary>
public sealed class LinearLatencyModel : IFittedLatencyModel
{
    /// <summary>Creates a model from its four coefficients, in seconds.</summary>
    /// <param name="step">Seconds per step; finite, 0 or more.</param>
    /// <param name="prefillToken">Seconds per prefill token; finite, 0 or more.</param>
    /// <param name="decodeSequence">Seconds per decode sequence; finite, 0 or more.</param>
    /// <param name="contextToken">Seconds per token of decode context; finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A coefficient is negative or not finite.</exception>
    public LinearLatencyModel(double step, double prefillToken, double decodeSequence, double contextToken)
    {
        Step = Coefficient.Checked(step, nameof(step));
        PrefillToken = Coefficient.Checked(prefillToken, nameof(prefillToken));
        DecodeSequence = Coefficient.Checked(decodeSequence, nameof(decodeSequence));
        ContextToken = Coefficient.Checked(contextToken, nameof(contextToken));
    }

    /// <inheritdoc/>
    public LatencyForm Form => LatencyForm.Linear;

    /// <inheritdoc/>
    public ObservedShapes Observed { get; init; } = ObservedShapes.All;

    /// <summary>Seconds per step.</summary>
    public double Step { get; }

    /// <summary>Seconds per prefill token.</summary>
    public double PrefillToken { get; }

    /// <summary>Seconds per decode sequence.</summary>
    public double DecodeSequence { get; }

    /// <summary>Seconds per token of decode context.</summary>
    public double ContextToken { get; }

    /// <inheritdoc/>
    public TimeSpan PredictStep(in BatchShape shape) => Coefficient.Duration(
        Step + PrefillToken * shape.PrefillTokens + DecodeSequence * shape.DecodeSequences + ContextToken * shape.ContextTokens);
}
