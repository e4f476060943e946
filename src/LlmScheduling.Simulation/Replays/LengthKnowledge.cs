namespace LlmScheduling.Simulation;

/// <summary>What policies may know of output lengths in a replay. Immutable.</summary>
public sealed record LengthKnowledge
{
    private LengthKnowledge(bool isOracle, double? tau) => (IsOracle, Tau) = (isOracle, tau);

    /// <summary>The true length, as score and as estimate.</summary>
    public static LengthKnowledge Oracle { get; } = new(true, null);

    /// <summary>The running figures of completed requests of the class; nothing is ranked.</summary>
    public static LengthKnowledge ClassMean { get; } = new(false, null);

    /// <summary>Whether the true length is known.</summary>
    public bool IsOracle { get; }

    /// <summary>Kendall tau-b, inside each class, between the true length and what is known; null when not noisy.</summary>
    public double? Tau { get; }

    /// <summary>The true length under log-normal noise that leaves a Kendall tau-b of <paramref name="tau"/> inside each class.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="tau"/> is not above 0 and at most 1.</exception>
    public static LengthKnowledge Noisy(double tau)
    {
        if (!(tau is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(tau), tau, "Tau must be above 0 and at most 1.");
        return new(false, tau);
    }
}
