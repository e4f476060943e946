using System.Text.Json;

namespace LlmScheduling.Tool.Tests.Anneal;

public sealed class AnnealCommandTests : IDisposable
{
    private const string Latency = """{"prefill_ms": [0.1, 5.7, 0.01, 43.67], "decode_ms": [0.0002, 0.275, 0.00088, 15.85]}""";

    // Prefill 2x + l, step x + 1: round numbers to compute by hand.
    private const string Round = """{"prefill_ms": [0, 2, 1, 0], "decode_ms": [0, 1, 0, 1]}""";

    private readonly ToolRun _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Anneal_Rule_PrintsWhatAHandComputes()
    {
        _tool.Write("p.json", $$"""{"max_batch": 2, "latency": {{Round}}, "jobs": [{"input_tokens": 10, "output_tokens": 5, "e2e_ms": 29}, {"input_tokens": 20, "output_tokens": 4, "ttft_ms": 24, "tpot_ms": 3}, {"input_tokens": 30, "output_tokens": 2, "e2e_ms": 71.9}]}""");
        JsonElement json = await Json("--method", "fcfs");
        Assert.Equal(2, json.GetProperty("met").GetInt32());
        Assert.Equal(0.137, json.GetProperty("total_latency_s").GetDouble(), 12);
        Assert.Equal(2 / 0.137, json.GetProperty("g_per_s").GetDouble(), 9);
        Assert.Equal("[[0,1],[2]]", JsonSerializer.Serialize(json.GetProperty("batches")));
        Assert.False(json.GetProperty("certified_optimal").GetBoolean());
        Assert.Equal(["g_per_s", "met", "total_latency_s", "batches", "certified_optimal", "evaluations", "elapsed_ms", "allocated_bytes_per_solve"], json.EnumerateObject().Select(field => field.Name));
    }

    [Theory]
    [InlineData("auto", true)]
    [InlineData("exact", true)]
    [InlineData("anneal", false)]
    [InlineData("paper", false)]
    [InlineData("sjf", false)]
    [InlineData("edf", false)]
    [InlineData("least-slack", false)]
    public async Task Anneal_EachMethod_PlacesEveryJob(string method, bool isCertified)
    {
        Write(9);
        JsonElement json = await Json("--method", method, "--evaluations", "500", "--repeat", "3");
        Assert.Equal(Enumerable.Range(0, 9), json.GetProperty("batches").EnumerateArray().SelectMany(batch => batch.EnumerateArray()).Select(job => job.GetInt32()).Order());
        Assert.Equal(isCertified, json.GetProperty("certified_optimal").GetBoolean());
        JsonElement elapsed = json.GetProperty("elapsed_ms");
        Assert.InRange(elapsed.GetProperty("median").GetDouble(), elapsed.GetProperty("min").GetDouble(), elapsed.GetProperty("p99").GetDouble());
    }

    [Fact]
    public async Task Anneal_SameSeedAndEvaluations_GiveTheSameSchedule()
    {
        Write(40);
        string first = Schedule(await Json("--evaluations", "2000", "--seed", "7"));
        Assert.Equal(first, Schedule(await Json("--evaluations", "2000", "--seed", "7")));
        Assert.NotEqual(first, Schedule(await Json("--method", "fcfs")));

        static string Schedule(JsonElement json) => JsonSerializer.Serialize(json.GetProperty("batches"));
    }

    [Fact]
    public async Task Anneal_WithoutJson_PrintsATable()
    {
        Write(5);
        Assert.Equal(ExitCode.Done, await _tool.Run("anneal", "--problem", "p.json"));
        Assert.Contains("certified optimal", _tool.Output, StringComparison.Ordinal);
        Assert.Contains("batch 1:", _tool.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--device tpu", "cpu or cuda")]
    [InlineData("--device cuda --method sjf", "--method auto")]
    [InlineData("--method best", "least-slack")]
    [InlineData("--scaled-temperature", "--method paper")]
    [InlineData("--budget-ms 1 --evaluations 5", "one of them")]
    [InlineData("--budget-ms 0", "above 0")]
    [InlineData("--evaluations 0", "1 or more")]
    [InlineData("--repeat 0", "1 or more")]
    public async Task Anneal_BadOption_SaysWhatIsAllowed(string options, string allowed)
    {
        Write(5);
        Assert.Equal(ExitCode.BadInput, await _tool.Run(["anneal", "--problem", "p.json", .. options.Split(' ')]));
        Assert.Contains(allowed, Assert.Single(_tool.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(_tool.Output);
    }

    [Theory]
    [InlineData("max_batch", """{"max_batch": 0, "latency": LATENCY, "jobs": [JOB]}""", "from 1 to 4096")]
    [InlineData("latency", """{"max_batch": 1, "jobs": [JOB]}""", "prefill_ms")]
    [InlineData("latency.decode_ms", """{"max_batch": 1, "latency": {"prefill_ms": [1, 1, 1, 1], "decode_ms": [1, 1, 1]}, "jobs": [JOB]}""", "four numbers")]
    [InlineData("latency.prefill_ms", """{"max_batch": 1, "latency": {"prefill_ms": [1, 1, "1", 1], "decode_ms": [1, 1, 1, 1]}, "jobs": [JOB]}""", "four numbers")]
    [InlineData("jobs", """{"max_batch": 1, "latency": LATENCY, "jobs": []}""", "1 to 10000")]
    [InlineData("jobs", """{"max_batch": 1, "latency": LATENCY}""", "1 to 10000")]
    [InlineData("jobs[1].input_tokens", """{"max_batch": 1, "latency": LATENCY, "jobs": [JOB, {"output_tokens": 2, "e2e_ms": 5}]}""", "from 1 to")]
    [InlineData("jobs[1]", """{"max_batch": 1, "latency": LATENCY, "jobs": [JOB, {"input_tokens": 1, "output_tokens": 2}]}""", "e2e_ms")]
    [InlineData("jobs[0].ttft_ms", """{"max_batch": 1, "latency": LATENCY, "jobs": [{"input_tokens": 1, "output_tokens": 2, "ttft_ms": -1}]}""", "above 0")]
    [InlineData("jobs[0].slo", """{"max_batch": 1, "latency": LATENCY, "jobs": [{"input_tokens": 1, "output_tokens": 2, "slo": 1}]}""", "tpot_ms")]
    [InlineData("jobs[0]", """{"max_batch": 1, "latency": {"prefill_ms": [0, 0, 0, -9], "decode_ms": [0, 0, 0, 1]}, "jobs": [JOB]}""", "above 0")]
    [InlineData("jobs[0]", """{"max_batch": 1, "latency": LATENCY, "jobs": [3]}""", "an object")]
    [InlineData("jobs[1].sampled_output_tokens", """{"max_batch": 1, "latency": LATENCY, "jobs": [JOB, {"input_tokens": 1, "output_tokens": 2, "e2e_ms": 9, "sampled_output_tokens": [1]}]}""", "0, as many")]
    [InlineData("jobs[0].sampled_output_tokens[1]", """{"max_batch": 1, "latency": LATENCY, "jobs": [{"input_tokens": 1, "output_tokens": 2, "e2e_ms": 9, "sampled_output_tokens": [1, 0]}]}""", "found 0; allowed a whole number from 1 to 100000000")]
    [InlineData("jobs[0].sampled_output_tokens[0]", """{"max_batch": 1, "latency": LATENCY, "jobs": [{"input_tokens": 1, "output_tokens": 2, "e2e_ms": 9, "sampled_output_tokens": [1.5]}]}""", "found 1.5; allowed a whole number from 1 to 100000000")]
    [InlineData("jobs[0].sampled_output_tokens", """{"max_batch": 1, "latency": LATENCY, "jobs": [{"input_tokens": 1, "output_tokens": 2, "e2e_ms": 9, "sampled_output_tokens": []}]}""", "found 0 samples; allowed an array of 1 to 4096")]
    [InlineData("jobs[0].sampled_output_tokens", """{"max_batch": 1, "latency": LATENCY, "jobs": [{"input_tokens": 1, "output_tokens": 2, "e2e_ms": 9, "sampled_output_tokens": 7}]}""", "an array of 1 to 4096")]
    [InlineData("jobs[0]", """{"max_batch": 1, "latency": LATENCY, "jobs": [{"input_tokens": 1, "output_tokens": 2, "e2e_ms": 9, "sampled_output_tokens": [2, 90000000]}]}""", "at most 1e8 ms")]
    public async Task Anneal_BadFile_NamesFileFieldAndRange(string field, string content, string allowed)
    {
        _tool.Write("p.json", content.Replace("LATENCY", Latency, StringComparison.Ordinal).Replace("JOB", """{"input_tokens": 5, "output_tokens": 2, "e2e_ms": 100}""", StringComparison.Ordinal));
        Assert.Equal(ExitCode.BadInput, await _tool.Run("anneal", "--problem", "p.json", "--json"));
        string line = Assert.Single(_tool.ErrorLines);
        Assert.Contains("p.json", line, StringComparison.Ordinal);
        Assert.Contains($"field {field}:", line, StringComparison.Ordinal);
        Assert.Contains(allowed, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anneal_TooManyJobsForExact_SaysHowManyAreAllowed()
    {
        Write(17);
        Assert.Equal(ExitCode.BadInput, await _tool.Run("anneal", "--problem", "p.json", "--method", "exact"));
        Assert.Contains("1 to 16", Assert.Single(_tool.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadInput, await _tool.Run("anneal"));
        Assert.Equal(ExitCode.BadInput, await _tool.Run("anneal", "--problem", "none.json"));
    }

    [Fact]
    public async Task Anneal_SampledLengths_PrintsTheMeanOverTheScenarios()
    {
        // As in the example above by hand; in the second scenario job 0 runs 14 + 6*3 = 32 and misses 29, and nobody waits longer.
        _tool.Write("p.json", $$"""{"max_batch": 2, "latency": {{Round}}, "jobs": [{"input_tokens": 10, "output_tokens": 9, "e2e_ms": 29, "sampled_output_tokens": [5, 6]}, {"input_tokens": 20, "output_tokens": 9, "ttft_ms": 24, "tpot_ms": 3, "sampled_output_tokens": [4, 4]}, {"input_tokens": 30, "output_tokens": 9, "e2e_ms": 71.9, "sampled_output_tokens": [2, 2]}]}""");
        JsonElement json = await Json("--method", "fcfs");
        Assert.Equal(1.5, json.GetProperty("expected_met").GetDouble(), 12);
        Assert.Equal(2, json.GetProperty("scenarios").GetInt32());
        Assert.Equal(0.1385, json.GetProperty("total_latency_s").GetDouble(), 12);
        Assert.Equal((2 / 0.137 + 1 / 0.140) / 2, json.GetProperty("g_per_s").GetDouble(), 9);
        Assert.Equal(ExitCode.Done, await _tool.Run("anneal", "--problem", "p.json", "--evaluations", "100"));
        Assert.Contains("the mean over 2 scenarios", _tool.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadInput, await _tool.Run("anneal", "--problem", "p.json", "--method", "exact"));
        Assert.Contains("sampled_output_tokens", Assert.Single(_tool.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anneal_OnCudaWhereItDoesNotPay_RunsOnTheCpuAndSaysWhyInALine()
    {
        Write(40);
        JsonElement cpu = await Json("--evaluations", "500"), cuda = await Json("--evaluations", "500", "--device", "cuda");
        Assert.Contains("scenarios", Assert.Single(_tool.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(JsonSerializer.Serialize(cpu.GetProperty("batches")), JsonSerializer.Serialize(cuda.GetProperty("batches")));
    }

    private void Write(int jobs)
    {
        var random = new Random(jobs);
        string list = string.Join(", ", Enumerable.Range(0, jobs).Select(job => job % 2 == 0
            ? $$"""{"input_tokens": {{random.Next(1, 400)}}, "output_tokens": {{random.Next(1, 300)}}, "e2e_ms": {{random.Next(4_000, 20_000)}}}"""
            : $$"""{"input_tokens": {{random.Next(1, 400)}}, "output_tokens": {{random.Next(1, 300)}}, "ttft_ms": {{random.Next(2_000, 20_000)}}, "tpot_ms": 50}"""));
        _tool.Write("p.json", $$"""{"max_batch": 4, "latency": {{Latency}}, "jobs": [{{list}}]}""");
    }

    private async Task<JsonElement> Json(params string[] arguments)
    {
        Assert.Equal(ExitCode.Done, await _tool.Run(["anneal", "--problem", "p.json", "--json", .. arguments]));
        return JsonDocument.Parse(_tool.Output).RootElement;
    }
}
