using FsCheck;
using FsCheck.Fluent;

namespace LlmScheduling.Simulation.Tests.Replays;

public sealed class ReplayReportTests
{
    [Fact]
    public void Of_AFewRequests_GivesTheFiguresWorkedOutByHand()
    {
        RequestRecord[] records =
        [
            Served("chat", arrival: 1_000_000, wait: 0, ttft: 100_000, e2e: 500_000, output: 5, preemptions: 2),
            Served("chat", arrival: 2_000_000, wait: 300_000, ttft: 600_000, e2e: 1_000_000, output: 2),
            Served("code", arrival: 3_000_000, wait: 0, ttft: 50_000, e2e: 1_500_000, output: 10),
            Refused("chat", arrival: 3_500_000, RequestOutcome.TimedOutInQueue, after: 900_000),
            Refused("code", arrival: 3_500_000, RequestOutcome.QueueFull, after: 0),
        ];
        var slo = new SloTable(new Dictionary<string, ServiceLevelObjective> { ["chat"] = new() { TimeToFirstToken = TimeSpan.FromMilliseconds(100) } }, null);
        ReplayReport report = ReplayReport.Of(Result(records, end: 4_500_000), slo);
        Assert.Equal((3, 1, 1, 0), (report.Completed, report.Outcomes[RequestOutcome.TimedOutInQueue], report.Outcomes[RequestOutcome.QueueFull], report.Outcomes[RequestOutcome.Displaced]));
        Assert.Equal(1.0 / 3, report.SloAttainment!.Value, 12);
        Assert.Equal(1.0 / 3, Assert.Single(report.SloAttainmentByClass).Value, 12);
        Assert.Equal(3.5, report.SimulatedSeconds, 12);
        Assert.Equal(1 / 3.5, report.GoodputPerSecond!.Value, 12);
        Assert.Equal(1 / 3.0, report.G!.Value, 12);
        AssertClose(new LatencyFigures(1, 1, 1.4, 1.49), report.EndToEnd);
        AssertClose(new LatencyFigures(0.25, 0.1, 0.5, 0.59), report.TimeToFirstToken);
        AssertClose(new LatencyFigures(0.25, 0.15, 0.43, 0.493), report.NormalizedLatency);
        Assert.Equal(0.9, report.MaxWait!.Value, 12);
        Assert.Equal(2, report.Preemptions);
    }

    [Fact]
    public void Of_NobodyWithAnObjective_LeavesThoseFiguresOut()
    {
        ReplayReport report = ReplayReport.Of(Result([Served("chat", 0, 0, 1, 2, 2)], 2), null);
        Assert.Equal((null, null, null), (report.SloAttainment, report.GoodputPerSecond, report.G));
        Assert.Empty(report.SloAttainmentByClass);
    }

    [Fact]
    public void Of_NobodyServed_LeavesLatenciesOutAndEveryObjectiveMissed()
    {
        ReplayReport report = ReplayReport.Of(Result([Refused("chat", 0, RequestOutcome.Unservable, 0)], 0), new SloTable(new Dictionary<string, ServiceLevelObjective>(), new() { EndToEnd = TimeSpan.FromSeconds(1) }));
        Assert.Equal(default, report.EndToEnd);
        Assert.Equal((0, null, null), (report.SloAttainment, report.GoodputPerSecond, report.G));
        Assert.Equal(0, report.MaxWait);
    }

    [Fact]
    public void Of_NoRequests_IsEmpty()
    {
        ReplayReport report = ReplayReport.Of(Result([], 0), null);
        Assert.Equal((0, null, default(LatencyFigures)), (report.Completed, report.MaxWait, report.EndToEnd));
    }

    [Theory]
    [InlineData(100_000, 500_000, 5, 100.0, null, null, true)]
    [InlineData(100_001, 500_000, 5, 100.0, null, null, false)]
    [InlineData(100_000, 500_000, 5, null, 100.0, null, true)]
    [InlineData(100_000, 500_001, 5, null, 100.0, null, false)]
    [InlineData(100_000, 500_000, 5, null, null, 500.0, true)]
    [InlineData(100_000, 500_001, 5, null, null, 500.0, false)]
    [InlineData(400_000, 400_000, 1, null, 0.001, null, true)]
    [InlineData(100_000, 900_000, 5, 100.0, 100.0, null, false)]
    [InlineData(1, 1_000_000_000_002, 4, null, 333333333.3337, null, true)]
    [InlineData(1, 1_000_000_000_002, 4, null, 333333333.3336, null, false)]
    public void IsMetBy_AtAndBeyondALimit_CountsExactly(long ttft, long e2e, int output, double? ttftMs, double? tpotMs, double? e2eMs, bool met)
    {
        var slo = new SloTable(new Dictionary<string, ServiceLevelObjective>(), new() { TimeToFirstToken = Limit(ttftMs), TimePerOutputToken = Limit(tpotMs), EndToEnd = Limit(e2eMs) });
        Assert.Equal(met, slo.IsMetBy(Served("", 0, 0, ttft, e2e, output)));

        static TimeSpan? Limit(double? milliseconds) => milliseconds is { } number ? TimeSpan.FromTicks((long)Math.Round(number * 10_000)) : null;
    }

    [Fact]
    public void IsMetBy_HundredNanoseconds_RoundToTheNearestMicrosecond()
    {
        var slo = new SloTable(new Dictionary<string, ServiceLevelObjective>(), new() { EndToEnd = TimeSpan.FromMicroseconds(7) });
        Assert.True(slo.IsMetBy(At(74)));
        Assert.False(slo.IsMetBy(At(75)));

        static RequestRecord At(long ticks) => Served("", 0, 0, 1, 7, 2) with { EndedAt = TimeSpan.FromTicks(ticks) };
    }

    [Fact]
    public void IsMetBy_NothingPromised_IsNullAndNotServedIsMissed()
    {
        var slo = new SloTable(new Dictionary<string, ServiceLevelObjective> { ["batch"] = new() }, new() { EndToEnd = TimeSpan.FromSeconds(1) });
        Assert.Null(slo.IsMetBy(Served("batch", 0, 0, 1, 2, 2)));
        Assert.False(slo.IsMetBy(Refused("chat", 0, RequestOutcome.Displaced, 5)));
    }

    [Fact]
    public void LatencyFigures_AnyValues_AreTheirDefinition() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<int>>(), given =>
        {
            double[] values = [.. given.Get.Select(value => (double)value)];
            LatencyFigures figures = LatencyFigures.Of([.. values]);
            return Math.Abs(figures.Mean!.Value - values.Average()) < 1e-6 && Matches(values, 0.5, figures.P50) && Matches(values, 0.9, figures.P90) && Matches(values, 0.99, figures.P99);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_AnyOutcomes_CountsEveryRequestOnce() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), given =>
        {
            RequestRecord[] records = [.. given.Select((value, row) => (RequestOutcome)(value % 9) is var outcome && outcome == RequestOutcome.Completed ? Served("", row, 0, 1, 2, 2) : Refused("", row, outcome, 0))];
            ReplayReport report = ReplayReport.Of(Result(records, 1_000), null);
            return report.Outcomes.Values.Sum() == records.Length && Enum.GetValues<RequestOutcome>().All(outcome => report.Outcomes[outcome] == records.Count(record => record.Outcome == outcome));
        }).QuickCheckThrowOnFailure();

    // The quantile's definition, without sorting: the point below which (n - 1) q values lie, between its two neighbours.
    private static bool Matches(double[] values, double share, double? found)
    {
        double place = (values.Length - 1) * share;
        double low = AtRank((int)Math.Floor(place)), high = AtRank((int)Math.Ceiling(place));
        return Math.Abs(found!.Value - (low + (place - Math.Floor(place)) * (high - low))) < 1e-6;

        double AtRank(int rank) => values.First(value => values.Count(other => other < value) <= rank && values.Count(other => other <= value) > rank);
    }

    private static void AssertClose(LatencyFigures expected, LatencyFigures found)
    {
        Assert.Equal(expected.Mean!.Value, found.Mean!.Value, 12);
        Assert.Equal(expected.P50!.Value, found.P50!.Value, 12);
        Assert.Equal(expected.P90!.Value, found.P90!.Value, 12);
        Assert.Equal(expected.P99!.Value, found.P99!.Value, 12);
    }

    private static ReplayResult Result(RequestRecord[] records, long end) =>
        new(records, [], 10, 20, TimeSpan.FromMicroseconds(end), TimeSpan.Zero, 0);

    private static RequestRecord Served(string trafficClass, long arrival, long wait, long ttft, long e2e, int output, int preemptions = 0) =>
        new(Request(trafficClass, arrival, output), RequestOutcome.Completed, At(arrival + wait), At(arrival + ttft), At(arrival + e2e), output, preemptions);

    private static RequestRecord Refused(string trafficClass, long arrival, RequestOutcome outcome, long after) =>
        new(Request(trafficClass, arrival, 5), outcome, null, null, At(arrival + after), 0, 0);

    private static TraceRequest Request(string trafficClass, long arrival, int output) =>
        new() { Id = "r", ArrivedAt = At(arrival), InputTokens = 1, OutputTokens = output, TrafficClass = trafficClass };

    private static TimeSpan At(long microseconds) => TimeSpan.FromMicroseconds(microseconds);
}
