using System.Text;

namespace LlmScheduling.Simulation.Tests;

public sealed class DecisionReplayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Run_RecordedBusyServer_GivesEveryPlanAgain(int seed)
    {
        byte[] log = BusyServer.Record(seed);

        DecisionReplayResult result = DecisionReplay.Run(new MemoryStream(log), BusyServer.PolicyOf);

        Assert.Null(result.FirstDifference);
        Assert.True(result.IsComplete);
        Assert.Equal(BusyServer.Steps, result.Plans);
        Assert.Equal(Entries(log).Count(entry => entry.Kind == DecisionKind.Outcome), result.Outcomes);
    }

    [Fact]
    public void Record_BusyServer_HoldsEveryKindOfEvent()
    {
        List<DecisionLogEntry> all = [.. Enumerable.Range(1, 8).SelectMany(seed => Entries(BusyServer.Record(seed)))];

        Assert.Equal(Enum.GetValues<DecisionKind>().Order(), all.Select(entry => entry.Kind).Distinct().Order());
        Assert.Contains(all, entry => entry.Preempted.Count > 0);
        Assert.Contains(all, entry => entry.Released.Count > 0);
        Assert.Contains(all, entry => entry.PolicyFault is not null);
        Assert.Equal(
            new HashSet<RequestOutcome> { RequestOutcome.Completed, RequestOutcome.QueueFull, RequestOutcome.TimedOutInQueue, RequestOutcome.Displaced, RequestOutcome.Cancelled, RequestOutcome.ShutDown, RequestOutcome.Failed },
            all.Where(entry => entry.Kind == DecisionKind.Outcome || entry.Outcome == RequestOutcome.QueueFull).Select(entry => entry.Outcome!.Value).ToHashSet());
    }

    [Fact]
    public void Record_SameSeed_IsByteIdentical() => Assert.Equal(BusyServer.Record(5), BusyServer.Record(5));

    [Fact]
    public void Run_AnotherPolicy_TellsTheFirstDifferenceWithLineAndStep()
    {
        byte[] log = BusyServer.Record(1);

        DecisionReplayResult result = DecisionReplay.Run(new MemoryStream(log), _ => new LatestFirst(), source: "busy.jsonl");

        Assert.Matches(@"^busy\.jsonl:\d+: step \d+: ", result.FirstDifference);
        Assert.True(result.Plans < BusyServer.Steps);
    }

    [Fact]
    public void Run_OneGrantChanged_FindsThatPlan()
    {
        string[] lines = Encoding.UTF8.GetString(BusyServer.Record(2)).Split('\n');
        int at = Array.FindLastIndex(lines, line => line.Contains("\"kind\":\"plan\"") && line.Contains("\"work\":[["));
        lines[at] = System.Text.RegularExpressions.Regex.Replace(lines[at], @"""work"":\[\[(\d+),\d+", "\"work\":[[$1,777");

        DecisionReplayResult result = DecisionReplay.Run(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines))), BusyServer.PolicyOf, source: "x");

        Assert.StartsWith($"x:{at + 1}: ", result.FirstDifference);
        Assert.Contains(":777", result.FirstDifference);
    }

    [Fact]
    public void Run_LineDropped_IsRefusedByLineAndNumber()
    {
        string[] lines = Encoding.UTF8.GetString(BusyServer.Record(3)).Split('\n');
        byte[] log = Encoding.UTF8.GetBytes(string.Join('\n', lines.Where((_, i) => i != 99)));

        InputException refused = Assert.Throws<InputException>(() => DecisionReplay.Run(new MemoryStream(log), BusyServer.PolicyOf, source: "x"));

        Assert.Equal("x:100: field n: found 101; allowed number 100; 1 line(s) before this one were dropped, and a replay needs every line.", refused.Message);
    }

    [Fact]
    public void Run_OtherLatencyModelThanRecorded_IsRefused()
    {
        byte[] log = BusyServer.Record(1);

        InputException refused = Assert.Throws<InputException>(() => DecisionReplay.Run(new MemoryStream(log), BusyServer.PolicyOf, latency: new OneSecond()));

        Assert.Equal("latencyModel", refused.Field);
    }

    [Fact]
    public void Run_LogOfACrash_ReplaysAsFarAsItGoes()
    {
        string[] lines = Encoding.UTF8.GetString(BusyServer.Record(4)).Split('\n');
        byte[] log = Encoding.UTF8.GetBytes(string.Join('\n', lines[..500]) + "\n");

        DecisionReplayResult result = DecisionReplay.Run(new MemoryStream(log), BusyServer.PolicyOf);

        Assert.Null(result.FirstDifference);
        Assert.False(result.IsComplete);
        Assert.True(result.Plans > 10);
    }

    [Fact]
    public void ToWorkload_TakesArrivalsAndTrueLengths()
    {
        byte[] log = BusyServer.Record(6);
        List<DecisionLogEntry> entries = Entries(log);

        Workload workload = DecisionReplay.ToWorkload(new MemoryStream(log), "busy");

        Assert.Equal(entries.Count(entry => entry.Kind is DecisionKind.Arrival or DecisionKind.Refusal), workload.Requests.Count);
        DecisionLogEntry completed = entries.First(entry => entry is { Kind: DecisionKind.Outcome, Outcome: RequestOutcome.Completed, GeneratedTokens: > 1 });
        TraceRequest traced = workload.Requests.Single(request => request.Id == $"{completed.Id!.Value.Sequence}");
        Assert.Equal(completed.GeneratedTokens, traced.OutputTokens);
        DecisionLogEntry arrival = entries.Single(entry => entry.Kind == DecisionKind.Arrival && entry.Id == completed.Id);
        Assert.Equal((arrival.At, arrival.Request!.PromptTokens, arrival.Request.Tenant), (traced.ArrivedAt, traced.InputTokens, traced.Tenant));
    }

    [Fact]
    public void ToWorkload_UnderAnotherPolicy_ServesEveryRequest()
    {
        Workload workload = DecisionReplay.ToWorkload(new MemoryStream(BusyServer.Record(6)));

        ReplayResult whatIf = Replay.Run(workload, new EngineSettings { MaxSequences = 8, MaxBatchTokens = 256, StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(5)) }, new SchedulingStack("latest", new LatestFirst()));

        Assert.Equal(workload.Requests.Count, whatIf.Records.Count);
        Assert.All(whatIf.Records, record => Assert.Equal(RequestOutcome.Completed, record.Outcome));
    }

    private static List<DecisionLogEntry> Entries(byte[] log) => [.. DecisionLogReader.Read(new MemoryStream(log))];

    private sealed class LatestFirst : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            for (int i = 0; i < keys.Length; i++)
                keys[i] = snapshot.Requests[i].Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, -snapshot.Requests[i].ArrivedAt.Ticks);
        }
    }

    private sealed class OneSecond : ILatencyModel
    {
        public TimeSpan PredictStep(in BatchShape shape) => TimeSpan.FromSeconds(1);
    }
}
