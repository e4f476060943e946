namespace LlmScheduling;

/// <summary>
/// The newest answers with the scores that they had before anything was learnt from them: what the score is worth for answers to
/// come ("prequential": Dawid, "Present Position and Potential Developments: The Prequential Approach", Journal of the Royal
/// Statistical Society A 147 (1984)).
/// </summary>
/// <remarks>Truncated answers, whose place in the order is not known, do not count. Not thread-safe.</remarks>
internal sealed class ForesightRecord
{
    public const int Capacity = 512;

    private readonly float[] _scores = new float[Capacity];
    private readonly float[] _promptLengths = new float[Capacity];
    private readonly double[] _tokens = new double[Capacity];
    private long _added;

    /// <summary>Answers that were ever added.</summary>
    public long Added => _added;

    public int Count => (int)Math.Min(_added, Capacity);

    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    public ReadOnlySpan<float> PromptLengths => _promptLengths.AsSpan(0, Count);

    public ReadOnlySpan<double> Tokens => _tokens.AsSpan(0, Count);

    public void Add(float score, float promptLength, double tokens)
    {
        int at = (int)(_added++ % Capacity);
        (_scores[at], _promptLengths[at], _tokens[at]) = (score, promptLength, tokens);
    }

    /// <summary>Kendall's tau-b of the newest <paramref name="count"/> scores; NaN while it is not defined.</summary>
    public double TauB(int count) => TauOf(_scores, count);

    /// <summary>Kendall's tau-b of the lengths of the newest <paramref name="count"/> prompts; NaN while it is not defined.</summary>
    public double PromptLengthTauB(int count) => TauOf(_promptLengths, count);

    /// <summary>The standard deviation of the scores; 1 where they have none.</summary>
    public float ScoreSpread()
    {
        double sum = 0, squares = 0;
        foreach (float score in Scores)
            sum += score;
        double mean = Count == 0 ? 0 : sum / Count;
        foreach (float score in Scores)
            squares += (score - mean) * (score - mean);
        return squares > 0 ? (float)Math.Sqrt(squares / Count) : 1;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(_added);
        for (int i = 0; i < Count; i++)
        {
            writer.Write(_scores[i]);
            writer.Write(_promptLengths[i]);
            writer.Write(_tokens[i]);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="IOException">It ends too early.</exception>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    public static ForesightRecord Read(BinaryReader reader)
    {
        var record = new ForesightRecord { _added = reader.ReadInt64() };
        if (record._added is < 0 or > OnlineLearner.MostLearnt)
            throw new InvalidDataException($"{record._added} judged answers");
        for (int i = 0; i < record.Count; i++)
        {
            (record._scores[i], record._promptLengths[i], record._tokens[i]) = (reader.ReadSingle(), reader.ReadSingle(), reader.ReadDouble());
            if (!(record._tokens[i] is >= 0 and <= int.MaxValue))
                throw new InvalidDataException($"{record._tokens[i]} tokens");
        }

        return record;
    }

    private double TauOf(float[] scores, int count)
    {
        count = Math.Min(count, Count);
        double[] values = new double[count], tokens = new double[count];
        for (int i = 0; i < count; i++)
        {
            int at = (int)((_added - 1 - i) % Capacity);
            (values[i], tokens[i]) = (scores[at], _tokens[at]);
        }

        return KendallTau.TauB(tokens, values);
    }
}
