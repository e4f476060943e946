namespace LlmScheduling;

/// <summary>
/// For mixtures of experts: a step also costs <see cref="Experts"/> x the share of experts that its tokens touch, 1 - (1 - k/E)^T
/// for T tokens when each takes k of E experts; so a few tokens already cost much of a full batch. Immutable.
/// </summary>
/// <remarks>All coefficients are finite and at least 0, so a step never gets shorter by holding more.</remarks>
public sealed class ExpertLatencyModel : IFittedLatencyModel
{
    /// <inheritdoc/>
    public LatencyForm Form => LatencyForm.Experts;

    /// <inheritdoc/>
    public ObservedShapes Observed { get; init; } = ObservedShapes.All;

    /// <summary>Seconds per step.</summary>
    public double Step { get; init => field = Coefficient.Checked(value, nameof(Step)); }

    /// <summary>Seconds more for a step that prefills at all.</summary>
    public double PrefillStep { get; init => field = Coefficient.Checked(value, nameof(PrefillStep)); }

    /// <summary>Seconds for a step whose tokens touch all experts.</summary>
    public double Experts { get; init => field = Coefficient.Checked(value, nameof(Experts)); }

    /// <summary>k/E: the share of the experts that one token takes, above 0 and at most 1.</summary>
    public double ExpertsPerToken
    {
        get;
        init => field = value is > 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ExpertsPerToken), value, "ExpertsPerToken must be above 0 and at most 1.");
    } = 1;

    /// <summary>Seconds per prefill token.</summary>
    public double PrefillToken { get; init => field = Coefficient.Checked(value, nameof(PrefillToken)); }

    /// <summary>Seconds per decode sequence.</summary>
    public double DecodeSequence { get; init => field = Coefficient.Checked(value, nameof(DecodeSequence)); }

    /// <summary>Seconds per token of decode context.</summary>
    public double ContextToken { get; init => field = Coefficient.Checked(value, nameof(ContextToken)); }

    /// <summary>Seconds more per token of decode context in a step that also prefills.</summary>
    public double MixedContextToken { get; init => field = Coefficient.Checked(value, nameof(MixedContextToken)); }

    /// <summary>Seconds per unit of <see cref="BatchShape.PrefillAttention"/>.</summary>
    public double PrefillAttention { get; init => field = Coefficient.Checked(value, nameof(PrefillAttention)); }

    /// <inheritdoc/>
    public TimeSpan PredictStep(in BatchShape shape)
    {
        double tokens = (double)shape.PrefillTokens + shape.DecodeSequences;
        double seconds = Step
            + Experts * (1 - Math.Pow(1 - ExpertsPerToken, tokens))
            + PrefillToken * shape.PrefillTokens
            + DecodeSequence * shape.DecodeSequences
            + ContextToken * shape.ContextTokens
            + PrefillAttention * shape.PrefillAttention;
        if (shape.PrefillTokens > 0)
            seconds += PrefillStep + MixedContextToken * shape.ContextTokens;
        return Coefficient.Duration(seconds);
    }
}
