namespace LlmScheduling;

/// <summary>The grid of knees and expert shares that a fit tries.</summary>
internal static class TermSearch
{
    private const int LeastTokenKnee = 32, LeastDecodeKnee = 4;

    // From 8 experts of 256 (DeepSeek-V3) over 8 of 128 (Qwen3) to 2 of 8 (Mixtral).
    private static readonly double[] ExpertShares = [1 / 32.0, 1 / 16.0, 1 / 8.0, 1 / 4.0];

    public static IEnumerable<LatencyTerms> For(LatencyForm form, IReadOnlyList<LatencySample> samples) => form switch
    {
        LatencyForm.Linear => [LinearTerms.Instance],
        LatencyForm.Hinge => Hinges(samples),
        LatencyForm.Experts => ExpertShares.Select(share => new ExpertTerms(share)),
        _ => throw new ArgumentOutOfRangeException(nameof(form), form, "There is no such form."),
    };

    private static IEnumerable<LatencyTerms> Hinges(IReadOnlyList<LatencySample> samples)
    {
        List<double> knees = Doubling(LeastTokenKnee, samples.Select(sample => (double)sample.Shape.PrefillTokens + sample.Shape.DecodeSequences));
        List<double> decodeKnees = Doubling(LeastDecodeKnee, samples.Select(sample => (double)sample.Shape.DecodeSequences));
        foreach (double decodeKnee in decodeKnees)
        {
            for (int i = 0; i < knees.Count; i++)
            {
                for (int j = i; j < knees.Count; j++)
                    yield return new HingeTerms(knees[i], knees[j], decodeKnee);
            }
        }
    }

    private static List<double> Doubling(double least, IEnumerable<double> measured)
    {
        double most = measured.Max();
        List<double> values = [least];
        for (double value = 2 * least; value < most; value *= 2)
            values.Add(value);
        return values;
    }
}
