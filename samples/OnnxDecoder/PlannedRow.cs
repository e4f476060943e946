using LlmScheduling;

namespace OnnxDecoder;

/// <summary>What one request gets in a step.</summary>
/// <param name="Work">As it was planned.</param>
/// <param name="Sequence">The request's tokens.</param>
/// <param name="Tokens">How many of them are computed.</param>
/// <param name="Group">Rows of another group run apart.</param>
internal readonly record struct PlannedRow(PlannedWork Work, Sequence Sequence, int Tokens, int Group)
{
    /// <summary>Tokens that it has in the cache.</summary>
    public int Past => Sequence.Computed;

    /// <summary>Whether one run of the model can do both.</summary>
    public bool RunsWith(in PlannedRow other) => (Tokens, Group) == (other.Tokens, other.Group);
}
