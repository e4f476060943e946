namespace LlmScheduling;

/// <summary>Turns ranker scores into amounts: the predicted output length of each request.</summary>
/// <remarks>Called beside the engine's loop by one thread at a time, right after the ranker.</remarks>
public interface ILengthPredictor
{
    /// <summary>Writes the estimate of <paramref name="requests"/>[i] to <paramref name="estimates"/>[i]; a NaN score means unranked, a zero median leaves the class's figures in force.</summary>
    void Predict(ReadOnlySpan<RankingInput> requests, ReadOnlySpan<float> scores, Span<LengthEstimate> estimates);
}
