using System.Text;

namespace LlmScheduling.Tests;

public sealed class DecisionLogReaderTests
{
    private const string Stop = """{"n":2,"kind":"stop","at":5}""";

    [Theory]
    [InlineData("""{"n":2,"kind":"stop","at":5""", 2)]
    [InlineData("""{"n":2,"kind":"stop","at":"soon"}""", 2)]
    [InlineData("""{"n":2,"kind":"stop"}""", 2)]
    [InlineData("""{"n":2,"kind":"gossip","at":5}""", 2)]
    [InlineData("""{"kind":"stop","at":5}""", 2)]
    [InlineData("""{"n":1,"kind":"stop","at":5}""", 2)]
    [InlineData("""{"n":2,"kind":"plan","at":5,"step":1,"freeKvBlocks":null,"work":[[1]],"admitted":[],"preempted":[],"released":[]}""", 2)]
    [InlineData("""{"n":2,"kind":"outcome","id":1,"at":5,"outcome":"vanished","finish":"none","admittedAt":null,"firstTokenAt":null,"generated":0,"preemptions":0}""", 2)]
    [InlineData("[]", 2)]
    [InlineData("", 2)]
    [InlineData(Stop + "\n" + Stop, 3)]
    public void Read_MalformedLine_NamesIt(string line, long at)
    {
        InputException fault = Assert.Throws<InputException>(() => Read(Header() + "\n" + line + "\n"));

        Assert.Equal(at, fault.Line);
        Assert.Equal("log.jsonl", fault.Origin);
    }

    [Fact]
    public void Read_CutOffLastLine_GivesWhatIsWholeThenNamesIt()
    {
        var taken = new List<DecisionLogEntry>();

        InputException fault = Assert.Throws<InputException>(() => taken.AddRange(Entries(Header() + "\n" + Stop)));

        Assert.Equal(2, fault.Line);
        Assert.Contains("cut off", fault.Message);
        Assert.Single(Entries(Header() + "\n" + Stop).Take(1));
    }

    [Fact]
    public void Read_WithoutHeader_Refuses() => Assert.Contains("header", Assert.Throws<InputException>(() => Read(Stop + "\n")).Message);

    [Fact]
    public void Read_OtherSchema_Refuses() =>
        Assert.Contains("schema 2", Assert.Throws<InputException>(() => Read(Header().Replace("\"schema\":1", "\"schema\":2") + "\n")).Message);

    [Fact]
    public void Read_NumbersWithGaps_ShowsThem() =>
        Assert.Equal([1L, 7L], Read(Header() + "\n" + Stop.Replace("\"n\":2", "\"n\":7") + "\n").Select(entry => entry.Number));

    [Fact]
    public void Read_LineLongerThanAnyBuffer_IsRead()
    {
        string name = new('x', 300_000);

        Assert.Equal(name, Read(Header().Replace("\"stack\":\"fcfs\"", $"\"stack\":\"{name}\"") + "\n")[0].StackName);
    }

    [Fact]
    public void Write_LineLongerThanAnyBuffer_IsWrittenWhole()
    {
        string name = new('y', 300_000);

        Assert.Equal(name, Read(Header(name) + "\n")[0].StackName);
    }

    [Fact]
    public void Read_AdmissionsOfAStep_ExplainWhoWentFirst()
    {
        using var log = new MemoryStream();
        using (var writer = new DecisionLog(log, new() { LeaveOpen = true }))
        using (var scheduler = new BatchScheduler(new SchedulingStack("priority", KeyedBy.Priority), null, new SchedulerServices { DecisionLog = writer }))
        {
            scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1, Priority = 5 });
            scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1, Priority = 3 });
            scheduler.PlanStep();
        }

        log.Position = 0;
        var text = new StringBuilder();
        foreach (DecisionLogEntry entry in DecisionLogReader.Read(log))
        {
            foreach (LoggedAdmission admitted in entry.Admitted)
                text.AppendLine($"step {entry.Step}: request {admitted.Id.Sequence} by {admitted.Key}");
        }

        string[] lines = text.ToString().Split('\n');
        Assert.StartsWith("step 1: request 1 by PriorityKey { Tier = 0, Band = 0, Score = 3", lines[0]);
        Assert.StartsWith("step 1: request 0 by PriorityKey { Tier = 0, Band = 0, Score = 5", lines[1]);
    }

    private static string Header(string stack = "fcfs")
    {
        using var stream = new MemoryStream();
        var log = new DecisionLog(stream, new() { LeaveOpen = true });
        new BatchScheduler(new SchedulingStack(stack, new FirstComeFirstServed()), null, new SchedulerServices { DecisionLog = log }).Dispose();
        log.Dispose();
        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n')[0];
    }

    private static List<DecisionLogEntry> Read(string text) => [.. Entries(text)];

    private static IEnumerable<DecisionLogEntry> Entries(string text) => DecisionLogReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "log.jsonl");
}
