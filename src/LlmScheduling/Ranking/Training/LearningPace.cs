namespace LlmScheduling;

/// <summary>How fast and how long weights are learnt.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="FirstSquares">Squared gradients that every weight starts with: the larger, the less a single prompt moves the weights of its rare words.</param>
/// <param name="FirstAveraged">The first epoch whose weights count in the mean.</param>
/// <param name="MostEpochs">Where learning ends at the latest.</param>
/// <param name="Patience">Epochs without a better order after which it ends.</param>
internal sealed record LearningPace(float LearningRate = 0.2f, float FirstSquares = 1e-2f, int FirstAveraged = 1, int MostEpochs = 60, int Patience = 4);
