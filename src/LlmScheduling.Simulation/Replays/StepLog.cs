namespace LlmScheduling.Simulation;

/// <summary>The steps of a replay in order: when they ran, and what the slowest rank's held.</summary>
internal sealed class StepLog
{
    private readonly List<(TimeSpan Start, TimeSpan End, BatchShape Shape)> _steps = [];

    public IReadOnlyList<(TimeSpan Start, TimeSpan End, BatchShape Shape)> Steps => _steps;

    public void Add(TimeSpan start, TimeSpan end, in BatchShape shape) => _steps.Add((start, end, shape));
}
