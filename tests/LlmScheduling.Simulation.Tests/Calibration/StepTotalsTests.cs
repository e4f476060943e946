namespace LlmScheduling.Simulation.Tests.Calibration;

public sealed class StepTotalsTests
{
    [Theory]
    [InlineData(0, 3, 2, 500)]
    [InlineData(0, 1, 1, 400)]
    [InlineData(0.25, 1, 0.75, 300)]
    [InlineData(0.5, 2.5, 1, 250)]
    [InlineData(1.25, 1.75, 0, 0)]
    [InlineData(2.5, 9, 0.5, 50)]
    public void Between_PartsOfSteps_CountInPart(double from, double to, double steps, double prefill)
    {
        var log = new StepLog();
        log.Add(TimeSpan.Zero, TimeSpan.FromSeconds(1), new BatchShape(0, 400, 0, 0));
        log.Add(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), new BatchShape(0, 100, 0, 0));
        double[] terms = new double[4];
        new StepTotals(log, LinearTerms.Instance).Between(TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to), terms);
        Assert.Equal(steps, terms[0], 9);
        Assert.Equal(prefill, terms[1], 9);
    }
}
