namespace LlmScheduling;

/// <summary>The newest scores and lengths, and what they say of a score: calibrated anew every 32 of them. Not thread-safe.</summary>
internal sealed class RecentLengths(int capacity)
{
    private const int LeastRows = 32, RowsPerFit = 32;

    private readonly float[] _scores = new float[capacity];
    private readonly double[] _tokens = new double[capacity];
    private LengthCalibration _byScore = LengthCalibration.None;
    private LengthCalibration _ofAll = LengthCalibration.None;
    private long _added;

    /// <summary>The length that goes with a score; of all lengths, where there is no score or none was seen.</summary>
    public LengthEstimate Estimate(float score)
    {
        LengthEstimate estimate = _byScore.Estimate(score);
        return estimate.IsKnown ? estimate : _ofAll.Estimate(0);
    }

    public void Add(float score, int tokens)
    {
        int at = (int)(_added++ % capacity);
        (_scores[at], _tokens[at]) = (score, tokens);
        if (_added % RowsPerFit == 0)
            Fit((int)Math.Min(_added, capacity));
    }

    private void Fit(int count)
    {
        int[] scored = [.. Enumerable.Range(0, count).Where(row => float.IsFinite(_scores[row]))];
        _byScore = scored.Length < LeastRows ? LengthCalibration.None : LengthCalibration.Fit([.. scored.Select(row => _scores[row])], [.. scored.Select(row => _tokens[row])]);
        _ofAll = LengthCalibration.Fit(new float[count], _tokens.AsSpan(0, count));
    }
}
