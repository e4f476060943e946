namespace LlmScheduling;

/// <summary>
/// Learns weights from one answered prompt after another: every <see cref="BlockRows"/> of them make two AdaGrad steps over the pairs
/// among themselves and with older ones, and from time to time what was learnt becomes a ranker. Not thread-safe.
/// </summary>
/// <remarks>
/// Answers come in the order in which they end, which a policy that serves short ones first makes an order of length: neighbours
/// are alike and their pairs say little. So every block is filled up with as many that were drawn from the newest <see cref="MemoryRows"/>.
/// </remarks>
internal sealed class OnlineLearner
{
    public const int BlockRows = 16, MemoryRows = 1_024;

    /// <summary>More answers than any server gives, and far from where counting overflows.</summary>
    public const long MostLearnt = 1L << 53;

    private const int Bits = 18, DrawnRows = 16, Rounds = 2;
    private const int LeastJudged = 64, FirstOffer = 64, MostBetweenOffers = 512;
    private const double LeastTau = 0.1, LeastErrors = 3;

    // As if every weight of a trained file had been moved often: what it knows is changed by many answers, not by one.
    private const float SettledSquares = 0.5f;

    private readonly BlockLoss _loss = new(RankerLoss.RankNet, 0);
    private readonly List<LearntRow> _block = [];
    private readonly LengthTarget[] _targets = new LengthTarget[BlockRows + DrawnRows];
    private readonly float[] _scores = new float[BlockRows + DrawnRows];
    private readonly float[] _slopes = new float[BlockRows + DrawnRows];
    private readonly LearntRow[] _memory;
    private readonly PromptFeatures _features;
    private readonly AdaGrad _optimizer;
    private readonly ulong _seed;
    private readonly string _modelName;
    private long _blocks;
    private long _offerAt = FirstOffer;

    private OnlineLearner(AdaGrad optimizer, LearntRow[] memory, ForesightRecord foresight, IRequestRanker served, string modelName, ulong seed)
    {
        (_optimizer, _memory, Foresight, Served, _modelName, _seed) = (optimizer, memory, foresight, served, modelName, seed);
        _features = new PromptFeatures(optimizer.Weights.Bits);
    }

    public ForesightRecord Foresight { get; }

    /// <summary>Tau-b of what was foreseen lately; 0 while it is not defined.</summary>
    public double TauB => OrZero(Foresight.TauB(Judged));

    /// <summary>Tau-b of the prompts' lengths over the same answers; 0 while it is not defined.</summary>
    public double PromptLengthTauB => OrZero(Foresight.PromptLengthTauB(Judged));

    public long Learnt { get; private set; }

    public long Truncated { get; private set; }

    /// <summary>What to serve by. Immutable; another one takes its place.</summary>
    public IRequestRanker Served { get; private set; }

    private RankerWeights Weights => _optimizer.Weights;

    // What it foresaw when it knew half as much says little about now.
    private int Judged => (int)Math.Clamp(Foresight.Added / 2, LeastJudged, ForesightRecord.Capacity);

    /// <summary>Starts from <paramref name="start"/>, and serves by it until it has seen enough; null: from nothing.</summary>
    public static OnlineLearner From(PromptFeatureRanker? start, string modelName, ulong seed)
    {
        bool hasWords = start?.Card.Kind == RankerKind.Learned;
        var pace = new LearningPace();
        var weights = new RankerWeights(hasWords ? start!.Weights.Bits : Bits);
        if (hasWords)
            weights.Add(start!.Weights, 1);
        else
            start?.Weights.Dense.CopyTo(weights.Dense, 0);
        var optimizer = new AdaGrad(weights, pace.LearningRate, pace.FirstSquares);
        if (start is not null)
            optimizer.Settle(SettledSquares);
        return new OnlineLearner(optimizer, new LearntRow[MemoryRows], new ForesightRecord(), start ?? RankerInForce.Unranked, modelName, seed);
    }

    /// <summary>Learns from an answer. Returns whether <see cref="Served"/> is another one now.</summary>
    public bool Add(in LoggedResponse response) => Add(LearntRow.Of(response, _features));

    /// <summary>The same, of an answer whose features were read already.</summary>
    public bool Add(LearntRow answer)
    {
        _block.Add(answer);
        if (_block.Count < BlockRows)
            return false;
        try
        {
            LearnBlock();
        }
        finally
        {
            // Also when it fails: a block that stayed would grow with every answer and fail with every one.
            _block.Clear();
        }

        if (Learnt < _offerAt)
            return false;
        _offerAt = Learnt + Math.Clamp(Learnt / 8, BlockRows, MostBetweenOffers);
        if (Foresight.Count < LeastJudged)
            return false;
        IRequestRanker before = Served;
        Served = Chosen();
        return !ReferenceEquals(before, Served);
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(_modelName);
        writer.Write(_seed);
        writer.Write(_blocks);
        writer.Write(_offerAt);
        writer.Write(Learnt);
        writer.Write(Truncated);
        byte[] served = Served is PromptFeatureRanker ranker ? PromptRankerFile.Bytes(ranker) : [];
        writer.Write(served.Length);
        writer.Write(served);
        _optimizer.Write(writer);
        Foresight.Write(writer);
        foreach (LearntRow row in _memory.AsSpan(0, (int)Math.Min(Learnt, MemoryRows)))
            row.Write(writer);
        writer.Write(_block.Count);
        foreach (LearntRow row in _block)
            row.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InputException">The ranker inside is not readable.</exception>
    /// <exception cref="IOException">It ends too early.</exception>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    public static OnlineLearner Read(BinaryReader reader, string name)
    {
        string modelName = reader.ReadString();
        ulong seed = reader.ReadUInt64();
        long blocks = reader.ReadInt64(), offerAt = reader.ReadInt64(), learnt = reader.ReadInt64(), truncated = reader.ReadInt64();
        if (learnt is < 0 or > MostLearnt || truncated < 0 || truncated > MostLearnt || blocks is < 0 or > MostLearnt || offerAt < 0 || offerAt - learnt > MostBetweenOffers)
            throw new InvalidDataException($"{learnt} answers, {truncated} truncated, {blocks} blocks, the next offer at {offerAt}");
        int length = reader.ReadInt32();
        if (length < 0 || length > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new InvalidDataException($"a ranker of {length} bytes");
        byte[] bytes = reader.ReadBytes(length);
        IRequestRanker served = bytes.Length == 0 ? RankerInForce.Unranked : PromptRankerFile.Read(new MemoryStream(bytes), name);
        var pace = new LearningPace();
        AdaGrad optimizer = AdaGrad.Read(reader, pace.LearningRate, pace.FirstSquares);
        ForesightRecord foresight = ForesightRecord.Read(reader);
        var memory = new LearntRow[MemoryRows];
        for (int row = 0; row < Math.Min(learnt, MemoryRows); row++)
            memory[row] = LearntRow.Read(reader, optimizer.Weights.Buckets.Length);
        var learner = new OnlineLearner(optimizer, memory, foresight, served, modelName, seed)
        {
            _blocks = blocks,
            _offerAt = offerAt,
            Learnt = learnt,
            Truncated = truncated,
        };
        int pending = reader.ReadInt32();
        if (pending is < 0 or >= BlockRows)
            throw new InvalidDataException($"{pending} answers that wait");
        for (int row = 0; row < pending; row++)
            learner._block.Add(LearntRow.Read(reader, optimizer.Weights.Buckets.Length));
        return learner;
    }

    private void LearnBlock()
    {
        foreach (LearntRow row in _block)
        {
            if (row.Target.IsTruncated)
                Truncated++;
            else
                Foresight.Add(row.Score(Weights), row.Dense[DenseFeatures.LogLength], row.Target.Tokens);
        }

        var random = new MoveRandom(StepSeed.Of(_seed, _blocks++));
        int known = (int)Math.Min(Learnt, MemoryRows);
        for (int round = 0; round < Rounds; round++)
        {
            var rows = new List<LearntRow>(_block);
            for (int i = 0; i < DrawnRows && known > 0; i++)
                rows.Add(_memory[random.NextBelow(known)]);
            Step(rows);
        }

        foreach (LearntRow row in _block)
            _memory[Learnt++ % MemoryRows] = row;
    }

    private void Step(List<LearntRow> rows)
    {
        for (int i = 0; i < rows.Count; i++)
            (_targets[i], _scores[i]) = (rows[i].Target, rows[i].Score(Weights));
        _loss.Slopes(_targets.AsSpan(0, rows.Count), _scores.AsSpan(0, rows.Count), _slopes.AsSpan(0, rows.Count));
        for (int i = 0; i < rows.Count; i++)
            _optimizer.Step(rows[i].Grams, rows[i].Marks, rows[i].GramScale, rows[i].Dense, _slopes[i]);
    }

    /// <summary>Of what was learnt and the prompt's length, as it is and reversed, whichever has foreseen the order better; nobody is ranked while that might be chance.</summary>
    private IRequestRanker Chosen()
    {
        double learnt = TauB, length = PromptLengthTauB;
        double least = Math.Max(LeastTau, LeastErrors * ErrorOfChance(Judged));
        if (learnt >= least && learnt > Math.Abs(length))
            return Learned(learnt, length);
        return Math.Abs(length) >= least ? ByLength(length) : RankerInForce.Unranked;
    }

    private static double OrZero(double tau) => double.IsNaN(tau) ? 0 : tau;

    /// <summary>The standard error of tau where scores have nothing to do with lengths (Kendall 1938).</summary>
    private static double ErrorOfChance(int count) => Math.Sqrt(2 * (2.0 * count + 5) / (9.0 * count * (count - 1)));

    private PromptFeatureRanker Learned(double tau, double promptLengthTau)
    {
        float scale = 1 / Foresight.ScoreSpread();
        var weights = new RankerWeights(Weights.Bits);
        weights.Add(Weights, scale);
        float[] scores = Foresight.Scores.ToArray();
        foreach (ref float score in scores.AsSpan())
            score *= scale;
        return new PromptFeatureRanker(weights, LengthCalibration.Fit(scores, Foresight.Tokens), Card(RankerKind.Learned, tau, promptLengthTau), isSmall: false);
    }

    private PromptFeatureRanker ByLength(double tau)
    {
        RankerKind kind = tau > 0 ? RankerKind.PromptLength : RankerKind.ReversedPromptLength;
        float[] scores = Foresight.PromptLengths.ToArray();
        foreach (ref float score in scores.AsSpan())
            score = tau > 0 ? score : -score;
        return PromptFeatureRanker.OfPromptLength(LengthCalibration.Fit(scores, Foresight.Tokens), Card(kind, Math.Abs(tau), tau));
    }

    private PromptRankerCard Card(RankerKind kind, double tau, double promptLengthTau) => new()
    {
        Kind = kind,
        ModelName = _modelName,
        Loss = RankerLoss.RankNet,
        Rows = (int)Math.Min(int.MaxValue, Learnt),
        TruncatedRows = (int)Math.Min(int.MaxValue, Truncated),
        TauB = tau,
        PromptLengthTauB = promptLengthTau,
        Seed = _seed,
    };
}
