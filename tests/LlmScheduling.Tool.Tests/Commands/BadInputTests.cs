namespace LlmScheduling.Tool.Tests;

/// <summary>Bad input: exit code 2, one line that says where and what, and nothing left behind.</summary>
public sealed class BadInputTests
{
    private const string Header = "id,arrival_us,input_tokens,output_tokens\n";

    [Theory]
    [InlineData("r0,0,5,5\nr1,10,5\n", ":3: ", "4")]
    [InlineData("r0,0,5,5\nr1,10,-7,5\n", ":3: field input_tokens: found -7", "from 1 to")]
    [InlineData("r0,0,5,0\n", ":2: field output_tokens: found 0", "from 1 to")]
    [InlineData("r0,0,many,5\n", ":2: field input_tokens: found many", "from 1 to")]
    [InlineData("r0,-1,5,5\n", ":2: field arrival_us: found -1", "from 0 to")]
    [InlineData("r0,0,,5\n", ":2: field input_tokens: found nothing", "from 1 to")]
    public Task Simulate_BadRow_NamesFileLineFieldAndRange(string rows, string where, string allowed) =>
        Refuses(tool => tool.Write("trace.csv", Header + rows), ["--policy", "fcfs"], "trace.csv" + where, allowed);

    [Theory]
    [InlineData("""{"max_sequences": 0, "max_batch_tokens": 10, "step_us": 1}""", "max_sequences", "found 0")]
    [InlineData("""{"max_sequences": 1, "max_batch_tokens": 10, "step_us": 1, "seats": 3}""", "seats", "allowed")]
    [InlineData("""{"max_sequences": 1, "step_us": 1}""", "max_batch_tokens", "allowed")]
    [InlineData("""{"max_sequences": 1, "max_batch_tokens": 10, "step_us": 1, "preemption": "sometimes"}""", "preemption", "priority")]
    [InlineData("""{"max_sequences": 1,""", "engine.json", "allowed")]
    public Task Simulate_BadEngine_NamesTheKey(string engine, string field, string allowed) =>
        Refuses(tool => tool.Write("engine.json", engine), ["--policy", "fcfs"], "engine.json", field, allowed);

    [Theory]
    [InlineData("sjf", "sjf", "shortest-prompt-first")]
    [InlineData("fcfs,edd", "edd", "edf")]
    [InlineData("fcfs+fare", "fare", "fair")]
    [InlineData("decaying-length:rate=3", "rate", "rate_per_s")]
    public Task Simulate_UnknownPolicyOrKey_NamesItAndThoseThereAre(string policy, string found, string allowed) =>
        Refuses(_ => { }, ["--policy", policy], $"--policy {policy}", found, allowed);

    [Theory]
    [InlineData("--policy")]
    [InlineData("--trace")]
    public Task Simulate_OptionWithoutItsValue_IsNamed(string option) =>
        Refuses(_ => { }, ["--policy", "fcfs", "--out", "out", .. option == "--trace" ? ["--trace", "trace.csv"] : Array.Empty<string>(), option], option, "without a value");

    [Theory]
    [InlineData("--trace nowhere.csv", "nowhere.csv")]
    [InlineData("--slo nowhere.json", "nowhere.json")]
    public Task Simulate_FileThatIsNotThere_IsNamed(string option, string name) =>
        Refuses(_ => { }, ["--policy", "fcfs", .. option.Split(' ')], name, "no such file");

    [Theory]
    [InlineData("--limit 0", "--limit is '0'", "1 or more")]
    [InlineData("--limit x", "--limit is 'x'", "1 or more")]
    [InlineData("--rate -2", "--rate is '-2'", "above 0")]
    [InlineData("--seed 1.5", "--seed is '1.5'", "0 or more")]
    [InlineData("--load 1 --rate 1", "both --load and --rate", "one of them")]
    [InlineData("--workload burst:3", "both --trace and --workload", "one of them")]
    [InlineData("--policy fcfs", "twice", "different")]
    [InlineData("--lengths perfect", "perfect", "class-mean")]
    [InlineData("--lengths ranker:r.ranker", "r.ranker: found no such file", "can be read")]
    [InlineData("--lengths ranker:m.onnx", "m.onnx", "LlmScheduling.Cuda")]
    [InlineData("--lengths ranker:prompt-length", "no request with a prompt", "column prompt")]
    [InlineData("--lengths online", "no request with a prompt", "column prompt")]
    [InlineData("--lengths online --instances 2 --assignment round-robin", "online with several queues", "one queue")]
    [InlineData("--instances 2000", "--instances: found 2000", "1 to 1024")]
    [InlineData("--json --report -", "--report -", "one of them")]
    [InlineData("--out -", "--out: found '-'", "a folder")]
    public Task Simulate_BadOption_NamesWhatIsAllowed(string options, string found, string allowed) =>
        Refuses(_ => { }, ["--policy", "fcfs", .. options.Split(' ')], found, allowed);

    [Theory]
    [InlineData("--workload burst:0", "found 0")]
    [InlineData("--workload poisson:x:3", "found x")]
    [InlineData("--workload bursty:1:2", "bursty:1:2")]
    [InlineData("--workload uniform:3", "uniform:3")]
    public async Task Simulate_BadWorkload_IsNamed(string workload, string found)
    {
        using var tool = new ToolRun();
        tool.Write("engine.json", SimulateRun.Engine);
        Assert.Equal(ExitCode.BadInput, await tool.Run(["simulate", "--engine", "engine.json", "--policy", "fcfs", .. workload.Split(' ')]));
        Assert.Contains(found, Assert.Single(tool.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--trace trace.csv --policy fcfs", "no --engine")]
    [InlineData("--trace trace.csv --engine engine.json", "no --policy")]
    [InlineData("--engine engine.json --policy fcfs", "neither --trace nor --workload")]
    public async Task Simulate_WithoutWhatItNeeds_SaysSo(string arguments, string found)
    {
        using var tool = new ToolRun();
        Assert.Equal(ExitCode.BadInput, await tool.Run(["simulate", .. arguments.Split(' ')]));
        Assert.Contains(found, Assert.Single(tool.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--out")]
    [InlineData("--report")]
    public Task Simulate_PlaceThatCannotBeWritten_IsNamed(string option) =>
        Refuses(_ => { }, ["--policy", "fcfs", option, "engine.json/inside/it"], option, "engine.json", "can be written");

    [Fact]
    public async Task Simulate_Interrupted_LeavesNothing()
    {
        using var tool = new ToolRun();
        tool.Write("engine.json", SimulateRun.Engine);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Interrupted, await tool.Run(stop.Token, "simulate", "--workload", "burst:500", "--engine", "engine.json", "--policy", "fcfs", "--out", "out"));
        Assert.Single(tool.ErrorLines);
        Assert.Equal(["engine.json"], tool.Files());
        Assert.False(Directory.Exists(tool.At("out")));
    }

    private static async Task Refuses(Action<ToolRun> spoil, string[] arguments, params string[] said)
    {
        using var tool = new ToolRun();
        tool.Write("trace.csv", Header + "r0,0,5,5\nr1,10,5,5\n");
        tool.Write("engine.json", SimulateRun.Engine);
        spoil(tool);
        string[] before = tool.Files();
        string[] trace = arguments.Contains("--trace") ? [] : ["--trace", "trace.csv"];
        string[] output = arguments.Any(argument => argument is "--out" or "--report") ? [] : ["--out", "out", "--report", "page.html"];
        Assert.Equal(ExitCode.BadInput, await tool.Run(["simulate", .. trace, "--engine", "engine.json", .. arguments, .. output]));
        string line = Assert.Single(tool.ErrorLines);
        Assert.All(said, part => Assert.Contains(part, line, StringComparison.Ordinal));
        Assert.Empty(tool.Output);
        Assert.Equal(before, tool.Files());
        Assert.False(Directory.Exists(tool.At("out")));
    }
}
