namespace LlmScheduling.Simulation;

/// <summary>
/// Orders by a weighted sum of shortness and wait, the largest first. The wait counts in absolute time, so the longer everybody
/// waits, the more the order is that of arrival. Score:
/// <c>-(length weight / (1 + prompt tokens / length scale) + time weight x wait / time scale)</c>.
/// </summary>
/// <remarks>For comparison only; the additive ageing proposed for TensorRT-LLM's waiting queue.</remarks>
public sealed class LengthWaitScore : ISchedulingPolicy
{
    private readonly double _lengthWeight;
    private readonly double _lengthScale;
    private readonly double _timeWeight;
    private readonly TimeSpan _timeScale;

    /// <summary>Sets the weights.</summary>
    /// <param name="lengthWeight">Worth of an empty prompt; finite, 0 or more.</param>
    /// <param name="lengthScale">Prompt tokens at which half of it is left; finite, above 0.</param>
    /// <param name="timeWeight">Worth of having waited <paramref name="timeScale"/>; finite, 0 or more.</param>
    /// <param name="timeScale">Unit of the wait; above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
    public LengthWaitScore(double lengthWeight, double lengthScale, double timeWeight, TimeSpan timeScale)
    {
        Check(lengthWeight is >= 0 and < double.PositiveInfinity, nameof(lengthWeight), lengthWeight, "finite and 0 or more");
        Check(lengthScale is > 0 and < double.PositiveInfinity, nameof(lengthScale), lengthScale, "finite and above 0");
        Check(timeWeight is >= 0 and < double.PositiveInfinity, nameof(timeWeight), timeWeight, "finite and 0 or more");
        Check(timeScale > TimeSpan.Zero, nameof(timeScale), timeScale, "above zero");
        (_lengthWeight, _lengthScale, _timeWeight, _timeScale) = (lengthWeight, lengthScale, timeWeight, timeScale);
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            double wait = (double)snapshot.Now.Ticks - request.ArrivedAt.Ticks;
            double score = _lengthWeight / (1 + request.PromptTokens / _lengthScale) + _timeWeight * (wait / _timeScale.Ticks);
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, 0.0 - score);
        }
    }

    private static void Check(bool legal, string name, object value, string range)
    {
        if (!legal)
            throw new ArgumentOutOfRangeException(name, value, $"LengthWaitScore: {name} must be {range}.");
    }
}
