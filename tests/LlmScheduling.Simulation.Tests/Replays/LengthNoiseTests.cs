namespace LlmScheduling.Simulation.Tests.Replays;

public sealed class LengthNoiseTests
{
    private static readonly Workload Generated = Workload.Generate("burst:3000");

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.3)]
    [InlineData(0.65)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    [InlineData(1)]
    public void Fit_AnyTau_ComesOutInEachClass(double tau)
    {
        LengthNoise noise = LengthNoise.Fit(Generated, tau, 1);
        Assert.Equal(["chat", "code"], noise.TauByClass.Keys);
        Assert.All(noise.TauByClass.Values, found => Assert.Equal(tau, found, 0.01));
        foreach (IGrouping<string, int> rows in Enumerable.Range(0, 3000).GroupBy(row => Generated.Requests[row].TrafficClass))
        {
            double[] lengths = [.. rows.Select(row => (double)Generated.Requests[row].OutputTokens)], known = new double[lengths.Length];
            int next = 0;
            foreach (int row in rows)
                known[next++] = noise.Estimates[row].Median;
            Assert.Equal(noise.TauByClass[rows.Key], KendallTau.TauB(lengths, known), 12);
        }
    }

    [Theory]
    [InlineData("azure2023_code.first70.csv.gz")]
    [InlineData("azure2023_conv.first70.csv.gz")]
    [InlineData("mooncake_conversation.first70.csv.gz")]
    public void Fit_ProductionLengths_ComeOutAtTau(string name)
    {
        Workload workload = Workload.FromTraces([new TraceSource(SharedFolder.Require("data", "traces", name))]);
        Assert.Equal(0.65, Assert.Single(LengthNoise.Fit(workload, 0.65, 3).TauByClass).Value, 0.01);
    }

    [Fact]
    public void Fit_TauOne_KnowsEveryLength()
    {
        LengthNoise noise = LengthNoise.Fit(Generated, 1, 1);
        for (int i = 0; i < Generated.Requests.Count; i++)
            Assert.Equal(new LengthEstimate(Generated.Requests[i].OutputTokens, 0), noise.Estimates[i]);
    }

    [Fact]
    public void Fit_LessTau_MeansMoreSpread()
    {
        float[] spreads = [.. new[] { 0.95, 0.7, 0.4, 0.2 }.Select(tau => LengthNoise.Fit(Generated, tau, 1).Estimates[0].LogSpread)];
        Assert.Equal(spreads.Order(), spreads);
        Assert.Equal(4, spreads.Distinct().Count());
    }

    [Fact]
    public void Fit_SameSeed_IsTheSameAndAnotherSeedIsNot()
    {
        Assert.True(LengthNoise.Fit(Generated, 0.5, 9).Estimates.SequenceEqual(LengthNoise.Fit(Generated, 0.5, 9).Estimates));
        Assert.False(LengthNoise.Fit(Generated, 0.5, 9).Estimates.SequenceEqual(LengthNoise.Fit(Generated, 0.5, 10).Estimates));
    }

    [Fact]
    public void Fit_ClassOfOne_TakesTheSpreadOfAllAndEqualLengthsNone()
    {
        TraceRequest[] requests = [.. Generated.Requests.Take(500).Select(request => request with { TrafficClass = "many" }), Generated.Requests[500] with { TrafficClass = "one" }];
        LengthNoise noise = LengthNoise.Fit(new Workload("w", requests), 0.5, 1);
        Assert.True(double.IsNaN(noise.TauByClass["one"]));
        Assert.InRange(noise.Estimates[500].LogSpread, 0.1f, 5);
        var equal = new Workload("w", requests.Select(request => request with { OutputTokens = 7 }));
        Assert.Equal(new LengthEstimate(7, 0), LengthNoise.Fit(equal, 0.5, 1).Estimates[0]);
    }

    [Fact]
    public void Run_NoisyLengths_RanksByThem()
    {
        EngineSettings engine = new() { MaxSequences = 1, MaxBatchTokens = 100_000, StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(1)) };
        Workload workload = Generated.Limit(200);
        LengthNoise noise = LengthNoise.Fit(workload, 0.6, 5);
        ReplayResult result = Replay.Run(workload, engine, new SchedulingStack("srf", new ShortestRankedFirst()), new ReplayOptions { Lengths = LengthKnowledge.Noisy(0.6), Seed = 5 });
        float[] served = [.. Enumerable.Range(0, 200).OrderBy(row => result.Records[row].FirstTokenAt).Select(row => noise.Estimates[row].Median)];
        Assert.Equal(served.Order(), served);
    }
}
