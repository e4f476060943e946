using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>A given latency model that throws, or predicts less than nothing, predicts nothing: steps are planned without it, and one log line says why.</summary>
internal sealed partial class GuardedLatency(ILatencyModel given, ILogger logger) : ILatencyModel
{
    private int _isFaulty;

    public TimeSpan PredictStep(in BatchShape shape)
    {
        try
        {
            TimeSpan duration = given.PredictStep(shape);
            return duration > TimeSpan.Zero ? duration : TimeSpan.Zero;
        }
        catch (Exception fault)
        {
            if (Interlocked.Exchange(ref _isFaulty, 1) == 0)
                LatencyModelFailed(logger, fault, given.GetType().Name);
            return TimeSpan.Zero;
        }
    }

    [LoggerMessage(7, LogLevel.Error, "Latency model {Model} failed; steps that it fails to predict count as taking no time, and further faults of it are not told.")]
    private static partial void LatencyModelFailed(ILogger logger, Exception fault, string model);
}
