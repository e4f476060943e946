using LlmScheduling;

namespace OnnxDecoder;

/// <summary>What one request gets in a step.</summary>
/// <param name="Work">As it was planned.</param>
/// <param name="Sequence">The request's tokens.</param>
/// <param name="Tokens">How many of them are computed.</param>
/// <param name="Past">How many are in the cache, as far as it decides who runs together.</param>
internal readonly record struct PlannedRow(PlannedWork Work, Sequence Sequence, int Tokens, int Past)
{
    /// <summary>Whether one run of the model can do both.</summary>
    public bool RunsWith(in PlannedRow other) => (Tokens, Past) == (other.Tokens, other.Past);
}
