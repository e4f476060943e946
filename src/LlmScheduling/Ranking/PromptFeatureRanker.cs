namespace LlmScheduling;

/// <summary>
/// Scores a prompt by the sum of the learnt weights of its words, pairs of neighbouring words, first and last words, and shape
/// (length, lines, digits, punctuation); a higher score means a longer expected answer. Predicts lengths from its own scores.
/// </summary>
/// <remarks>
/// <para>
/// No score depends on anything but the prompt's text and the file, and every machine computes the same one. Of a prompt with
/// more than 8,000 characters the first and last 4,000 are read, of more than 400 tokens the first and last 200; its length is
/// always that of the whole.
/// </para>
/// <para>
/// Immutable; any number of threads may score at once. Scoring by one thread at a time allocates nothing; threads
/// that score at the same moment take working memory of their own. Made by <see cref="PromptRankerTrainer"/>, which compares it with the prompt's length: scores are worth what
/// the <see cref="Card"/> says, for traffic like that of the log it learnt from, and nothing elsewhere.
/// </para>
/// </remarks>
public sealed class PromptFeatureRanker : IRequestRanker, ILengthPredictor
{
    private readonly RankerWeights _weights;
    private PromptFeatures? _spare;

    internal PromptFeatureRanker(RankerWeights weights, LengthCalibration calibration, PromptRankerCard card, bool isSmall)
    {
        (_weights, Calibration, Card, IsSmall) = (weights, calibration, card, isSmall);
        _spare = new PromptFeatures(weights.Bits);
    }

    /// <summary>Scores by the prompt's length in characters; predicts no lengths.</summary>
    public static PromptFeatureRanker ByPromptLength { get; } = OfPromptLength(LengthCalibration.None, new PromptRankerCard { Kind = RankerKind.PromptLength });

    /// <summary>What it was made from.</summary>
    public PromptRankerCard Card { get; }

    /// <summary>Whether its file holds the 34,000 weights that matter most, with 8 bits each, instead of 2^18 of 32.</summary>
    public bool IsSmall { get; }

    /// <summary>Whether <see cref="PredictLength(float)"/> knows anything.</summary>
    public bool PredictsLengths => Calibration.Count > 0;

    internal RankerWeights Weights => _weights;

    internal LengthCalibration Calibration { get; }

    /// <summary>Reads a file that <see cref="Write"/> made.</summary>
    /// <exception cref="InputException">It is missing, no such file, cut off, damaged, or of a newer version; the message names the file and says which.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PromptFeatureRanker Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new InputException(path, null, null, "no file", PromptRankerFile.Allowed);
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">What <see cref="Write"/> wrote.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="InputException">It is no such file, cut off, damaged, or of a newer version; the message says which.</exception>
    public static PromptFeatureRanker Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return PromptRankerFile.Read(stream, name);
    }

    /// <summary>Writes weights, calibration and card, with a checksum.</summary>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(PromptRankerFile.Bytes(this));
    }

    /// <summary>The score of <paramref name="prompt"/>; always finite. Any thread.</summary>
    public float Score(ReadOnlySpan<char> prompt)
    {
        PromptFeatures features = Interlocked.Exchange(ref _spare, null) ?? new PromptFeatures(_weights.Bits);
        features.Read(prompt);
        float score = _weights.Score(features);
        Volatile.Write(ref _spare, features);
        return score;
    }

    /// <summary>The output length that goes with a score of this ranker: its median, and a spread by which 90 % of answers like those of the log are within the 90 % quantile. Any thread.</summary>
    /// <param name="score">What <see cref="Score"/> answered; NaN is unknown.</param>
    public LengthEstimate PredictLength(float score) => Calibration.Estimate(score);

    /// <inheritdoc/>
    public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
    {
        ReadOnlySpan<RankingInput> inputs = requests.Span;
        Span<float> written = scores.Span;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (cancellationToken.IsCancellationRequested)
                return ValueTask.FromCanceled(cancellationToken);
            written[i] = Score(inputs[i].Prompt.Span);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<RankingInput> requests, ReadOnlySpan<float> scores, Span<LengthEstimate> estimates)
    {
        for (int i = 0; i < requests.Length; i++)
        {
            LengthEstimate estimate = PredictLength(scores[i]);
            estimates[i] = estimate with { Median = Math.Min(estimate.Median, requests[i].MaxOutputTokens) };
        }
    }

    /// <summary>A ranker by length that says so itself: its weights are one.</summary>
    internal static PromptFeatureRanker OfPromptLength(LengthCalibration calibration, PromptRankerCard card)
    {
        var weights = new RankerWeights(RankerWeights.LeastBits);
        weights.Dense[DenseFeatures.LogLength] = card.Kind == RankerKind.ReversedPromptLength ? -1 : 1;
        return new PromptFeatureRanker(weights, calibration, card, isSmall: false);
    }
}
