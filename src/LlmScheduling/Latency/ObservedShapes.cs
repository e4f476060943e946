namespace LlmScheduling;

/// <summary>The range of step shapes that a model was fitted on: a box from the least to the most of each quantity.</summary>
/// <param name="Least">The smallest value of each quantity.</param>
/// <param name="Most">The largest value of each quantity.</param>
/// <param name="HasMixed">Whether steps with both prefill and decode were among them.</param>
public readonly record struct ObservedShapes(BatchShape Least, BatchShape Most, bool HasMixed)
{
    /// <summary>No shape at all: what is known before the first step.</summary>
    public static ObservedShapes None { get; } = new(
        new BatchShape(int.MaxValue, int.MaxValue, long.MaxValue, double.PositiveInfinity), default, false);

    /// <summary>Every shape: a model whose coefficients are trusted everywhere.</summary>
    public static ObservedShapes All { get; } = new(
        default, new BatchShape(int.MaxValue, int.MaxValue, long.MaxValue, double.PositiveInfinity), true);

    /// <summary>Whether <paramref name="shape"/> lies inside. A step that mixes prefill and decode does only when such steps were seen.</summary>
    public bool Contains(in BatchShape shape) =>
        (HasMixed || shape.DecodeSequences == 0 || shape.PrefillTokens == 0)
        && shape.DecodeSequences >= Least.DecodeSequences && shape.DecodeSequences <= Most.DecodeSequences
        && shape.PrefillTokens >= Least.PrefillTokens && shape.PrefillTokens <= Most.PrefillTokens
        && shape.ContextTokens >= Least.ContextTokens && shape.ContextTokens <= Most.ContextTokens
        && shape.PrefillAttention >= Least.PrefillAttention && shape.PrefillAttention <= Most.PrefillAttention;

    /// <summary>Whether <paramref name="shape"/> lies inside or beyond an end by at most an eighth.</summary>
    internal bool NearlyContains(in BatchShape shape) => Contains(shape) || new ObservedShapes(Times(Least, 7.0 / 8), Times(Most, 9.0 / 8), HasMixed).Contains(shape);

    /// <summary>Whether both corners of <paramref name="other"/> lie inside or beyond an end by at most an eighth.</summary>
    internal bool NearlyContains(in ObservedShapes other) =>
        (HasMixed || !other.HasMixed) && (this with { HasMixed = true }) is var all && all.NearlyContains(other.Least) && all.NearlyContains(other.Most);

    /// <summary>The smallest range that also holds <paramref name="shape"/>.</summary>
    public ObservedShapes With(in BatchShape shape) =>
        With(new ObservedShapes(shape, shape, shape is { DecodeSequences: > 0, PrefillTokens: > 0 }));

    /// <summary>The smallest range that also holds <paramref name="other"/>.</summary>
    public ObservedShapes With(in ObservedShapes other) => new(
        new BatchShape(
            Math.Min(Least.DecodeSequences, other.Least.DecodeSequences),
            Math.Min(Least.PrefillTokens, other.Least.PrefillTokens),
            Math.Min(Least.ContextTokens, other.Least.ContextTokens),
            Math.Min(Least.PrefillAttention, other.Least.PrefillAttention)),
        new BatchShape(
            Math.Max(Most.DecodeSequences, other.Most.DecodeSequences),
            Math.Max(Most.PrefillTokens, other.Most.PrefillTokens),
            Math.Max(Most.ContextTokens, other.Most.ContextTokens),
            Math.Max(Most.PrefillAttention, other.Most.PrefillAttention)),
        HasMixed || other.HasMixed);

    private static BatchShape Times(in BatchShape shape, double factor) => new(
        (int)(shape.DecodeSequences * factor),
        (int)(shape.PrefillTokens * factor),
        (long)(shape.ContextTokens * factor),
        shape.PrefillAttention * factor);
}
