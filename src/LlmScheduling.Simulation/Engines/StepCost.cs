namespace LlmScheduling.Simulation;

/// <summary>How long a simulated step takes: a latency model's prediction, or a fixed time per step and per sequence.</summary>
public sealed class StepCost
{
    private readonly ILatencyModel? _model;
    private readonly TimeSpan _step;
    private readonly TimeSpan _perSequence;

    private StepCost(ILatencyModel? model, TimeSpan step, TimeSpan perSequence) => (_model, _step, _perSequence) = (model, step, perSequence);

    /// <summary>A step takes what <paramref name="model"/> predicts.</summary>
    public static StepCost Of(ILatencyModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(model, default, default);
    }

    /// <summary>A step takes <paramref name="step"/> and <paramref name="perSequence"/> for each request that gets tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is negative, or both are zero.</exception>
    public static StepCost Fixed(TimeSpan step, TimeSpan perSequence = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSequence, TimeSpan.Zero);
        if (perSequence == TimeSpan.Zero)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.Zero);
        return new(null, step, perSequence);
    }

    /// <summary>What policies may know of it.</summary>
    public ILatencyModel Model => _model ?? new PerSequenceLatency(_step, _perSequence);

    internal TimeSpan Of(BatchPlan plan)
    {
        if (_model is null)
            return _step + _perSequence * plan.Work.Length;
        TimeSpan predicted = _model.PredictStep(plan.Shape);
        return predicted > TimeSpan.Zero ? predicted : TimeSpan.FromTicks(1);
    }

    private sealed class PerSequenceLatency(TimeSpan step, TimeSpan perSequence) : ILatencyModel
    {
        public TimeSpan PredictStep(in BatchShape shape) => step + perSequence * shape.DecodeSequences;
    }
}
