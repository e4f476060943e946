namespace LlmScheduling.Tests;

public sealed class LatencyModelFitTests
{
    private static readonly int[] Prompts = [128, 256, 512, 1_024, 2_048, 4_096, 8_192], Batches = [1, 2, 4, 8, 16, 32, 64];

    [Fact]
    public void Fit_LinearTruth_FindsItsCoefficients()
    {
        var truth = new LinearLatencyModel(0.02, 1e-4, 3e-4, 2e-8);
        var fitted = Assert.IsType<LinearLatencyModel>(LatencyModelFit.Fit(Measure(truth), LatencyForm.Linear));
        Assert.Equal(truth.Step, fitted.Step, 1e-5);
        Assert.Equal(truth.PrefillToken, fitted.PrefillToken, 1e-8);
        Assert.Equal(truth.DecodeSequence, fitted.DecodeSequence, 1e-7);
        Assert.Equal(truth.ContextToken, fitted.ContextToken, 1e-10);
    }

    [Fact]
    public void FitBest_TruthWithAKnee_ChoosesHingeAndPredictsBetween()
    {
        var truth = new HingeLatencyModel { Step = 0.03, PrefillStep = 0.01, TokenBeyondFirst = 1.2e-4, FirstKnee = 512, TokenBeyondSecond = 0.8e-4, SecondKnee = 4_096, DecodeSequence = 2e-4 };
        IFittedLatencyModel fitted = LatencyModelFit.FitBest(Measure(truth));
        Assert.Equal(LatencyForm.Hinge, fitted.Form);
        var between = new BatchShape(0, 3_000, 0, 0.5 * 3_000 * 3_000);
        Assert.Equal(1, fitted.PredictStep(between) / truth.PredictStep(between), 0.03);
    }

    [Fact]
    public void FitBest_ExpertTruth_ChoosesExperts()
    {
        var truth = new ExpertLatencyModel { Step = 0.004, Experts = 0.05, ExpertsPerToken = 1 / 16.0, PrefillToken = 2e-5, DecodeSequence = 1e-5 };
        List<LatencySample> samples = [.. Enumerable.Range(1, 40).Select(i => Sample(new BatchShape(3 * i, 0, 300 * i, 0), truth, i))];
        Assert.Equal(LatencyForm.Experts, LatencyModelFit.FitBest(samples).Form);
    }

    [Fact]
    public void FitBest_LinearTruthWithNoise_IsNotWorseThanLinearOutOfSample()
    {
        var truth = new LinearLatencyModel(0.02, 1e-4, 3e-4, 2e-8);
        var random = new Random(1);
        List<LatencySample> samples = [.. Measure(truth).Select(sample => sample with { Duration = sample.Duration * (1 + 0.04 * (random.NextDouble() - 0.5)) })];
        Assert.InRange(LatencyModelFit.MeanRelativeError(Measure(truth), LatencyModelFit.FitBest(samples)), 0, 0.02);
    }

    [Fact]
    public void Fit_Observed_IsTheRangeOfTheSamples()
    {
        ObservedShapes observed = LatencyModelFit.Fit(Measure(new LinearLatencyModel(0.02, 1e-4, 0, 0)), LatencyForm.Linear).Observed;
        Assert.True(observed.Contains(new BatchShape(0, 5_000, 0, 1e6)));
        Assert.True(observed.Contains(new BatchShape(50, 0, 20_000, 0)));
        Assert.False(observed.Contains(new BatchShape(65, 0, 20_000, 0)));
        Assert.False(observed.Contains(new BatchShape(1, 128, 500, 100)));
    }

    [Fact]
    public void CrossValidatedError_GroupsOfCopies_DoesNotLeak()
    {
        // Each group has a duration of its own that no other group tells of, and many copies.
        List<LatencySample> samples = [.. Enumerable.Range(0, 8).SelectMany(group => Enumerable.Repeat(
            new LatencySample(new BatchShape(1, 0, 0, 0), TimeSpan.FromMilliseconds(group % 2 == 0 ? 10 : 30), group), 5))];
        Assert.InRange(LatencyModelFit.CrossValidatedError(samples, LatencyForm.Linear), 0.2, 1);
    }

    [Fact]
    public void Fit_NoSampleOrNoDuration_Throws()
    {
        Assert.Throws<ArgumentException>(() => LatencyModelFit.Fit([], LatencyForm.Linear));
        Assert.Throws<ArgumentException>(() => LatencyModelFit.FitBest([new LatencySample(new BatchShape(1, 0, 0, 0), TimeSpan.Zero, 0)]));
    }

    private static List<LatencySample> Measure(ILatencyModel truth)
    {
        List<LatencySample> samples = [];
        foreach (int prompt in Prompts)
            samples.Add(Sample(new BatchShape(0, prompt, 0, 0.5 * prompt * prompt), truth, samples.Count));
        foreach (int batch in Batches)
        {
            samples.Add(Sample(new BatchShape(0, 300 * batch, 0, 0.5 * batch * 300 * 300), truth, samples.Count));
            samples.Add(Sample(new BatchShape(batch, 0, 576L * batch, 0), truth, samples.Count));
            samples.Add(Sample(new BatchShape(batch, 0, 4_000L * batch, 0), truth, samples.Count));
        }

        return samples;
    }

    private static LatencySample Sample(BatchShape shape, ILatencyModel truth, int group) => new(shape, truth.PredictStep(shape), group);
}
