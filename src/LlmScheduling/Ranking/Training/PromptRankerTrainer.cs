namespace LlmScheduling;

/// <summary>
/// Trains a <see cref="PromptFeatureRanker"/> on a server's own log: in random blocks of 32 prompts, every pair in the block
/// teaches the weights which answer was longer, until prompts that are held out are ordered no better.
/// </summary>
/// <remarks>
/// <para>
/// A prompt that stands in the log more than once counts once. Truncated answers are known to be longer than where they were
/// cut: they only stand against shorter ones, and their own order is not asked for. The result is the best on held-out prompts
/// of: all features, shape alone, the mean of both, and the prompt's length as it is and reversed; a learnt one must beat both
/// lengths. <see cref="PromptFeatureRanker.Card"/> says which it is.
/// </para>
/// <para>
/// Optimizer: AdaGrad with the mean of the weights over epochs. Features and hashing after Weinberger et al., "Feature Hashing
/// for Large Scale Multitask Learning"; pairs after PARS (arXiv 2510.03243), section on the predictor. Any thread; one instance
/// may train several times, also at once.
/// </para>
/// </remarks>
public sealed class PromptRankerTrainer
{
    /// <summary>The fewest different prompts that anything is learnt from.</summary>
    public const int LeastPrompts = 20;

    private const int Bits = 18, MostSmallWeights = 34_000;
    private const double PublishedMinGap = 0.2;

    private readonly PromptRankerTrainerOptions _options;

    /// <summary>Trains as <paramref name="options"/> say; null: by the defaults.</summary>
    public PromptRankerTrainer(PromptRankerTrainerOptions? options = null) => _options = options ?? new PromptRankerTrainerOptions();

    /// <summary>Trains on <paramref name="log"/>: about a second for ten thousand prompts on one core, and 2 KB of memory for each.</summary>
    /// <exception cref="ArgumentException">Fewer than <see cref="LeastPrompts"/> different prompts, or no times for <see cref="RankerSplit.Time"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative, or an option out of range.</exception>
    public PromptFeatureRanker Train(IReadOnlyList<LoggedResponse> log, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        _options.Validate();
        TrainingLog rows = TrainingLog.Of(log);
        if (rows.Count < LeastPrompts)
            throw new ArgumentException($"The log holds {rows.Count} different prompts; at least {LeastPrompts} are needed.", nameof(log));
        if (_options.Split == RankerSplit.Time && rows.Times.Any(at => at is null))
            throw new ArgumentException("A split by time needs a time for every answer.", nameof(log));

        RankerCandidate chosen = Choose(rows, cancellationToken, out RankingAccuracy promptLength);
        if (_options.IsSmall)
            PromptRankerFile.Coarsen(chosen.Weights.Buckets);
        int[] heldOut = [.. Enumerable.Range(0, rows.Count).Where(row => !float.IsNaN(chosen.HeldOut[row]))];
        var calibration = LengthCalibration.Fit([.. heldOut.Select(row => chosen.HeldOut[row])], [.. heldOut.Select(row => rows.Targets[row].Tokens)]);
        RankingAccuracy accuracy = chosen.Accuracy(rows.Targets);
        var card = new PromptRankerCard
        {
            Kind = chosen.Kind,
            ModelName = _options.ModelName,
            Loss = _options.Loss,
            Rows = rows.Count,
            TruncatedRows = rows.Targets.Count(target => target.IsTruncated),
            From = log.Min(row => row.At),
            To = log.Max(row => row.At),
            TauB = accuracy.TauB,
            StandardError = accuracy.StandardError,
            PromptLengthTauB = promptLength.TauB,
            Seed = _options.Seed,
        };
        return new PromptFeatureRanker(chosen.Weights, calibration, card, _options.IsSmall && chosen.Kind == RankerKind.Learned);
    }

    private RankerCandidate Choose(TrainingLog log, CancellationToken cancellationToken, out RankingAccuracy promptLength)
    {
        int most = _options.IsSmall ? MostSmallWeights : 1 << Bits;
        var rows = new FeatureRows(log.Prompts, Bits);
        ValidationFold[] folds = ValidationFold.Of(log, _options.Split);
        var loss = new BlockLoss(_options.Loss, _options.MinGap ?? (_options.Loss == RankerLoss.Margin ? PublishedMinGap : 0));
        var pace = new LearningPace();
        RankerCandidate words = new CandidateTraining(rows, log.Targets, folds, loss, pace, _options.Seed).Learn(RankerKind.Learned, Bits, most, cancellationToken);
        RankerCandidate shape = new CandidateTraining(rows.OnlyDense(), log.Targets, folds, loss, pace, _options.Seed).Learn(RankerKind.LearnedShape, RankerWeights.LeastBits, most, cancellationToken);
        RankerCandidate longer = RankerCandidate.ByLength(rows, log.Count, RankerKind.PromptLength, words.HeldOut);
        RankerCandidate shorter = RankerCandidate.ByLength(rows, log.Count, RankerKind.ReversedPromptLength, words.HeldOut);
        promptLength = longer.Accuracy(log.Targets);

        // Of equals the simplest, and a NaN, where nothing can be told apart, is never better.
        RankerCandidate best = longer;
        double bestTau = double.NegativeInfinity;
        foreach (RankerCandidate candidate in (RankerCandidate[])[longer, shorter, shape, words.With(shape), words])
        {
            double tau = candidate.Accuracy(log.Targets).TauB;
            if (tau > bestTau)
                (best, bestTau) = (candidate, tau);
        }

        return best;
    }
}
