namespace LlmScheduling.Tests;

public sealed class WorkPricingTests
{
    [Fact]
    public void Under_NoLatency_CountsTokens() => Assert.Equal(default, new WorkPricing().Under(null));

    [Fact]
    public void Under_ALinearModel_FindsItsCoefficients()
    {
        WorkModel work = new WorkPricing().Under(new StepTimes(30, 0.06, 0.13, contextToken: 0.0003));
        Assert.Equal(0.03, work.Step, 1e-9);
        Assert.Equal(0.00006, work.PrefillToken, 1e-9);
        Assert.Equal(0.00013, work.DecodeSequence, 1e-9);
        Assert.Equal(0.0000003, work.ContextToken, 1e-12);
    }

    [Fact]
    public void Under_AModelThatFallsWithTheLoad_PricesNothingBelowZero() =>
        Assert.Equal(new WorkModel(0.03, 0, 0, 0, 0), new WorkPricing().Under(new StepTimes(30, -0.01, -0.1, contextToken: -0.001)));

    [Fact]
    public void Under_AnotherModel_PricesAnew()
    {
        var pricing = new WorkPricing();
        pricing.Under(new StepTimes(30, 0, 0));
        Assert.Equal(0.05, pricing.Under(new StepTimes(50, 0, 0)).Step, 1e-9);
    }

    [Fact]
    public void Observe_EachStep_MovesTheShareByTwoPercent()
    {
        var pricing = new WorkPricing();
        var latency = new StepTimes(30, 0, 0);
        var shares = new List<double>();
        foreach (bool ranOut in (bool[])[true, true, false])
        {
            pricing.Observe(ranOut);
            shares.Add(Math.Round(pricing.Under(latency).TokenBoundShare, 9));
        }

        Assert.Equal([0.02, 0.0396, 0.038808], shares);
    }
}
