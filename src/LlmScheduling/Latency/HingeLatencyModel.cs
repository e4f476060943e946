namespace LlmScheduling;

/// <summary>
/// A step's time is piecewise linear in its tokens: flat while memory bounds it, steeper beyond <see cref="FirstKnee"/> and
/// <see cref="SecondKnee"/> tokens; decode sequences, context and prefill attention come on top. Immutable.
/// </summary>
/// <remarks>All coefficients are finite and at least 0, so a step never gets shorter by holding more.</remarks>
public sealed class HingeLatencyModel : IFittedLatencyModel
{
    /// <inheritdoc/>
    public LatencyForm Form => LatencyForm.Hinge;

    /// <inheritdoc/>
    public ObservedShapes Observed { get; init; } = ObservedShapes.All;

    /// <summary>Seconds per step.</summary>
    public double Step { get; init => field = Coefficient.Checked(value, nameof(Step)); }

    /// <summary>Seconds more for a step that prefills at all.</summary>
    public double PrefillStep { get; init => field = Coefficient.Checked(value, nameof(PrefillStep)); }

    /// <summary>Seconds per token, prefill and decode alike.</summary>
    public double Token { get; init => field = Coefficient.Checked(value, nameof(Token)); }

    /// <summary>Seconds more per token beyond <see cref="FirstKnee"/>.</summary>
    public double TokenBeyondFirst { get; init => field = Coefficient.Checked(value, nameof(TokenBeyondFirst)); }

    /// <summary>Seconds more again per token beyond <see cref="SecondKnee"/>.</summary>
    public double TokenBeyondSecond { get; init => field = Coefficient.Checked(value, nameof(TokenBeyondSecond)); }

    /// <summary>Seconds per decode sequence.</summary>
    public double DecodeSequence { get; init => field = Coefficient.Checked(value, nameof(DecodeSequence)); }

    /// <summary>Seconds more per decode sequence beyond <see cref="DecodeKnee"/>.</summary>
    public double DecodeSequenceBeyond { get; init => field = Coefficient.Checked(value, nameof(DecodeSequenceBeyond)); }

    /// <summary>Seconds per token of decode context.</summary>
    public double ContextToken { get; init => field = Coefficient.Checked(value, nameof(ContextToken)); }

    /// <summary>Seconds more per token of decode context in a step that also prefills.</summary>
    public double MixedContextToken { get; init => field = Coefficient.Checked(value, nameof(MixedContextToken)); }

    /// <summary>Seconds per unit of <see cref="BatchShape.PrefillAttention"/>.</summary>
    public double PrefillAttention { get; init => field = Coefficient.Checked(value, nameof(PrefillAttention)); }

    /// <summary>Tokens of a step from which <see cref="TokenBeyondFirst"/> counts.</summary>
    public double FirstKnee { get; init => field = Coefficient.Checked(value, nameof(FirstKnee)); }

    /// <summary>Tokens of a step from which <see cref="TokenBeyondSecond"/> counts.</summary>
    public double SecondKnee { get; init => field = Coefficient.Checked(value, nameof(SecondKnee)); }

    /// <summary>Decode sequences from which <see cref="DecodeSequenceBeyond"/> counts.</summary>
    public double DecodeKnee { get; init => field = Coefficient.Checked(value, nameof(DecodeKnee)); }

    /// <inheritdoc/>
    public TimeSpan PredictStep(in BatchShape shape)
    {
        double tokens = (double)shape.PrefillTokens + shape.DecodeSequences;
        double seconds = Step
            + Token * tokens
            + TokenBeyondFirst * Math.Max(0, tokens - FirstKnee)
            + TokenBeyondSecond * Math.Max(0, tokens - SecondKnee)
            + DecodeSequence * shape.DecodeSequences
            + DecodeSequenceBeyond * Math.Max(0, shape.DecodeSequences - DecodeKnee)
            + ContextToken * shape.ContextTokens
            + PrefillAttention * shape.PrefillAttention;
        if (shape.PrefillTokens > 0)
            seconds += PrefillStep + MixedContextToken * shape.ContextTokens;
        return Coefficient.Duration(seconds);
    }
}
