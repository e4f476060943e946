namespace LlmScheduling.Simulation;

/// <summary>What policies may know of output lengths in a replay. Immutable.</summary>
public sealed record LengthKnowledge
{
    private LengthKnowledge(bool isOracle, double? tau, IRequestRanker? ranker = null, ILengthPredictor? predictor = null, Func<OnlineRankerTrainer>? learner = null) =>
        (IsOracle, Tau, Ranker, Predictor, Learner) = (isOracle, tau, ranker, predictor, learner);

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

    /// <summary>Makes the trainer of each replay; null when nothing is learnt from requests that complete.</summary>
    public Func<OnlineRankerTrainer>? Learner { get; }

    /// <summary>
    /// What a ranker makes of the prompts that learns from the requests of the replay as they complete; lengths are corrected by a
    /// <see cref="ConformalLengthPredictor"/>. Learning takes no virtual time, and every run is the same. One queue only: not
    /// with an assignment, nor with data-parallel ranks.
    /// </summary>
    /// <param name="trainer">Makes the trainer, one for each replay.</param>
    public static LengthKnowledge Learning(Func<OnlineRankerTrainer> trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        return new(false, null, learner: trainer);
    }

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
