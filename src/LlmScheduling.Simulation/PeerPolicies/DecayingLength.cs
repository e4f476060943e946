namespace LlmScheduling.Simulation;

/// <summary>
/// Orders by prompt length, which shrinks as a request waits, the shortest first. The ratio of two requests of the same age
/// never changes, so a long one only overtakes when both have shrunk to nothing. Score:
/// <c>prompt tokens x max(0, 1 - rate x wait)</c>.
/// </summary>
/// <remarks>For comparison only; the multiplicative ageing proposed for TensorRT-LLM's waiting queue.</remarks>
public sealed class DecayingLength : ISchedulingPolicy
{
    private readonly double _ratePerSecond;

    /// <summary>Sets the rate.</summary>
    /// <param name="ratePerSecond">Share of the length that one second of waiting takes off; finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ratePerSecond"/> is out of range.</exception>
    public DecayingLength(double ratePerSecond)
    {
        if (ratePerSecond is not (>= 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(ratePerSecond), ratePerSecond, "The rate must be finite and 0 or more.");
        _ratePerSecond = ratePerSecond;
    }

    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            double wait = ((double)snapshot.Now.Ticks - request.ArrivedAt.Ticks) / TimeSpan.TicksPerSecond;
            double left = Math.Max(0, 1 - _ratePerSecond * wait);
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, request.PromptTokens * left);
        }
    }
}
