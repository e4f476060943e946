namespace LlmScheduling;

/// <summary>Weights, the epochs they took, and Kendall's tau-b on the rows that were watched.</summary>
internal sealed record LearntWeights(RankerWeights Weights, int Epochs, double Tau);
