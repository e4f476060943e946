namespace LlmScheduling;

/// <summary>A length to learn.</summary>
/// <param name="Tokens">Tokens of the answer.</param>
/// <param name="IsTruncated">Whether it was cut there, and would have been longer.</param>
/// <param name="StandardLog">Its logarithm, less the mean of all and divided by their standard deviation.</param>
internal readonly record struct LengthTarget(double Tokens, bool IsTruncated, float StandardLog)
{
    /// <summary>Whether it is known to be longer, by at least <paramref name="minGap"/> of itself.</summary>
    public bool IsLongerThan(in LengthTarget other, double minGap) =>
        !other.IsTruncated && (IsTruncated ? Tokens >= other.Tokens : Tokens > other.Tokens) && Tokens - other.Tokens >= minGap * Tokens;
}
