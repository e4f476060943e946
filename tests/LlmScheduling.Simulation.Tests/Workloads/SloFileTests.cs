namespace LlmScheduling.Simulation.Tests.Workloads;

public sealed class SloFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_ClassesAndDefault_AreWhatRequestsGet()
    {
        SloTable table = Read("""{"classes": {"chat": {"ttft_ms": 500, "tpot_ms": 50.0005}, "code": {"e2e_ms": 3e4}, "batch": null}, "default": {"e2e_ms": 60000}}""");
        Assert.Equal(new ServiceLevelObjective { TimeToFirstToken = TimeSpan.FromMilliseconds(500), TimePerOutputToken = TimeSpan.FromTicks(500_005) }, table.For("chat"));
        Assert.Equal(new ServiceLevelObjective { EndToEnd = TimeSpan.FromSeconds(30) }, table.For("code"));
        Assert.Equal(new ServiceLevelObjective(), table.For("batch"));
        Assert.Equal(new ServiceLevelObjective { EndToEnd = TimeSpan.FromSeconds(60) }, table.For("anything"));
    }

    [Fact]
    public void Read_NoDefault_PromisesOthersNothing()
    {
        Assert.Null(Read("""{"classes": {"chat": {"ttft_ms": 500}}, "default": null}""").For("code"));
        Assert.Null(Read("{}").For("chat"));
    }

    [Theory]
    [InlineData("[]", ":1: found an array; allowed an object.")]
    [InlineData("{\"classes\": []}", "field classes: found an array; allowed an object with a member per class.")]
    [InlineData("{\"class\": {}}", "field class: found a key that nothing reads; allowed classes.")]
    [InlineData("{\n\"classes\": {\n\"chat\": {\"ttft\": 5}}}", ":3: field classes.chat.ttft: found a key that nothing reads; allowed ttft_ms")]
    [InlineData("{\"classes\": {\"chat\": {}}}", "field classes.chat: found no limit; allowed one or more of ttft_ms, tpot_ms, e2e_ms, or null.")]
    [InlineData("{\"classes\": {\"chat\": 5}}", "field classes.chat: found 5; allowed an object.")]
    [InlineData("{\"classes\": {\"chat\": {\"ttft_ms\": 0}}}", "field classes.chat.ttft_ms: found 0; allowed a number above 0 and at most 10000000000000.")]
    [InlineData("{\"classes\": {\"chat\": {\"ttft_ms\": -1}}}", "field classes.chat.ttft_ms: found -1;")]
    [InlineData("{\"classes\": {\"chat\": {\"ttft_ms\": \"5\"}}}", "field classes.chat.ttft_ms: found \"5\";")]
    [InlineData("{\"default\": {\"e2e_ms\": 1e400}}", "field default.e2e_ms: found 1e400;")]
    [InlineData("{\"classes\": {\"a\": null, \"a\": null}}", "field a: found the key twice")]
    public void Read_BadInput_SaysWhereWhatAndWhatIsAllowed(string json, string expected)
    {
        string path = _folder.Write("bad.json", json);
        string message = Assert.Throws<InputException>(() => SloTable.Read(path)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    private SloTable Read(string json) => SloTable.Read(_folder.Write("slo.json", json));
}
