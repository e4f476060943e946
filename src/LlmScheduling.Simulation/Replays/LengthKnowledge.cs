namespace LlmScheduling.Simulation;

/// <summary>What policies may know of output lengths in a replay. Immutable.</summary>
public sealed record LengthKnowledge
{
    private LengthKnowledge(bool isOracle, double? tau, IRequestRanker? ranker = null, ILengthPredictor? predictor = null) =>
        (IsOracle, Tau, Ranker, Predictor) = (isOracle, tau, ranker, predictor);

    /// <summary>The true length, as score and as estimate.</summary>
    public static LengthKnowledge Oracle { get; } = new(true, null);

    /// <summary>The running figures of completed requests of the class; nothing is ranked.</summary>
    public static LengthKnowledge ClassMean { get; } = new(false, null);

    /// <summary>Whether the true length is known.</summary>
    public bool IsOracle { get; }

    /// <summary>Kendall tau-b, inside each class, between the true length and what is known; null when not noisy.</summary>
    public double? Tau { get; }

    /// <summary>Scores the requests' prompts; null when prompts are not looked at.</summary>
    public IRequestRanker? Ranker { get; }

    /// <summary>Turns scores into lengths; null where scores alone are known.</summary>
    public ILengthPredictor? Predictor { get; }

    /// <summary>What <paramref name="ranker"/> makes of the prompts. A request without one is not ranked.</summary>
    /// <param name="ranker">Asked once for every request, before the replay.</param>
    /// <param name="predictor">Turns its scores into lengths; null: the ranker, when it predicts lengths too.</param>
    public static LengthKnowledge FromRanker(IRequestRanker ranker, ILengthPredictor? predictor = null)
    {
        ArgumentNullException.ThrowIfNull(ranker);
        return new(false, null, ranker, predictor ?? ranker as ILengthPredictor);
    }

    /// <summary>The true length under log-normal noise that leaves a Kendall tau-b of <paramref name="tau"/> inside each class.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="tau"/> is not above 0 and at most 1.</exception>
    public static LengthKnowledge Noisy(double tau)
    {
        if (!(tau is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(tau), tau, "Tau must be above 0 and at most 1.");
        return new(false, tau);
    }
}
