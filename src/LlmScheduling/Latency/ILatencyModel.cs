namespace LlmScheduling;

/// <summary>Predicts how long a step takes. Immutable: learning makes a new instance.</summary>
public interface ILatencyModel
{
    /// <summary>Predicted duration of a step of this shape; never negative. Any thread.</summary>
    TimeSpan PredictStep(in BatchShape shape);
}
