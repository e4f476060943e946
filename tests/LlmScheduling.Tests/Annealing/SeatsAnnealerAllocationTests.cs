namespace LlmScheduling.Tests.Annealing;

[Collection(nameof(CountsAllocations))]
public sealed class SeatsAnnealerAllocationTests
{
    [Theory]
    [InlineData(SeatsObjective.DiscountedMet)]
    [InlineData(SeatsObjective.MetPerLatency)]
    public void Plan_AfterAPlan_AllocatesNothing(SeatsObjective objective)
    {
        var annealer = new SeatsAnnealer(objective);
        RequestView[] requests = SeatsAnnealerTests.Mixed(3, 500);
        int[] positions = new int[requests.Length];
        annealer.Plan(SeatsAnnealerTests.Snapshot(requests), positions, TestContext.Current.CancellationToken);
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            annealer.Plan(SeatsAnnealerTests.Snapshot(requests), positions, CancellationToken.None);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
