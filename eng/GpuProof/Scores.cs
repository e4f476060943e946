namespace LlmScheduling.GpuProof;

/// <summary>How far two lists of scores agree.</summary>
/// <param name="Largest">The largest difference, as a share of the reference's spread.</param>
/// <param name="Tau">Kendall's tau-b between the two orders.</param>
internal readonly record struct Scores(double Largest, double Tau)
{
    public static Scores Compare(float[] reference, float[] other)
    {
        double least = double.MaxValue, most = double.MinValue, difference = 0;
        var (one, two) = (new double[reference.Length], new double[reference.Length]);
        for (int i = 0; i < one.Length; i++)
        {
            (one[i], two[i]) = (reference[i], other[i]);
            (least, most, difference) = (Math.Min(least, one[i]), Math.Max(most, one[i]), Math.Max(difference, Math.Abs(one[i] - two[i])));
        }

        return new Scores(difference / (most - least), KendallTau.TauB(one, two));
    }

    public static async Task<float[]> OfAsync(OnnxRequestRanker ranker, RankingInput[] prompts)
    {
        var scores = new float[prompts.Length];
        await ranker.RankAsync(prompts, scores, CancellationToken.None);
        return scores;
    }
}
