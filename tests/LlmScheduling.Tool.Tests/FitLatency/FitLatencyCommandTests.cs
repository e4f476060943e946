using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LlmScheduling.Tool.Tests.FitLatency;

public sealed class FitLatencyCommandTests : IDisposable
{
    private const string Columns = "gpu,model,tp,prompt_tokens,batch,output_tokens,prefill_ms,tbt_ms,e2e_ms\n";
    private const string Engine = "\"max_sequences\": 16, \"max_batch_tokens\": 2048";

    private readonly ToolRun _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task FitLatency_OneEngine_WritesAModelThatAnEngineFileTakes()
    {
        _tool.Write("p.csv", Columns + Rows("a", 1));
        Assert.Equal(ExitCode.Done, await _tool.Run("fit-latency", "--profile", "p.csv", "--out", "models/m.json"));
        Assert.Contains("step_s", _tool.Output, StringComparison.Ordinal);
        Assert.Equal(["models/m.json", "p.csv"], _tool.Files());

        _tool.Write("e.json", $$"""{ {{Engine}}, "latency_model": "models/m.json" }""");
        Assert.Equal(ExitCode.Done, await _tool.Run("simulate", "--workload", "burst:20", "--engine", "e.json", "--policy", "fcfs", "--json"));
        Assert.Equal(20, Json().GetProperty("policies").GetProperty("fcfs").GetProperty("completed").GetInt32());
    }

    [Fact]
    public async Task FitLatency_Json_IsTheFileAndItsFigures()
    {
        _tool.Write("p.csv", Columns + Rows("a", 1));
        Assert.Equal(ExitCode.Done, await _tool.Run("fit-latency", "--profile", "p.csv", "--form", "linear", "--out", "m.json", "--json", "--seed", "7"));
        Assert.Equal(_tool.Read("m.json"), _tool.Output);
        JsonElement json = Json();
        Assert.Equal("linear", json.GetProperty("form").GetString());
        Assert.Equal(0.02, json.GetProperty("coefficients").GetProperty("step_s").GetDouble(), 4);
        JsonElement fit = json.GetProperty("fit");
        Assert.InRange(fit.GetProperty("e2e_mape").GetDouble(), 0, 0.001);
        Assert.InRange(fit.GetProperty("r2").GetDouble(), 0.999, 1);
        Assert.Equal((24, 0), (fit.GetProperty("rows").GetInt32(), fit.GetProperty("rows_refused").GetInt32()));
        Assert.False(json.TryGetProperty("evaluation", out _));
    }

    [Fact]
    public async Task FitLatency_Evaluate_ComparesWhatWasNotFitted()
    {
        _tool.Write("p.csv", Columns + Rows("a", 1));
        _tool.Write("p2.csv", Columns + Rows("a", 1.1) + "a,m,2,4096,8,64,30,25,0\n");
        Assert.Equal(ExitCode.Done, await _tool.Run("fit-latency", "--profile", "p.csv", "--evaluate", "p2.csv", "--out", "-", "--json"));
        JsonElement evaluation = Json().GetProperty("evaluation");
        Assert.Equal(1 - 1 / 1.1, evaluation.GetProperty("prefill_mape").GetDouble(), 2);
        Assert.Equal(1 - 1 / 1.1, evaluation.GetProperty("token_time_mape").GetDouble(), 2);
        Assert.Equal(1 - 1 / 1.1, evaluation.GetProperty("p90_ape").GetDouble(), 2);
        Assert.Equal((24, 1), (evaluation.GetProperty("rows").GetInt32(), evaluation.GetProperty("rows_refused").GetInt32()));
        Assert.Contains("1 rows to evaluate contradict others", _tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FitLatency_SeveralEngines_FitsEachAndEngineFilesRefuseTheirFile()
    {
        _tool.Write("p.csv", Columns + Rows("a", 1) + Rows("b", 3));
        Assert.Equal(ExitCode.Done, await _tool.Run("fit-latency", "--profile", "p.csv", "--out", "m.json", "--json"));
        JsonElement json = Json();
        Assert.Equal(["a/m/2", "b/m/2"], json.GetProperty("groups").EnumerateArray().Select(group => group.GetProperty("name").GetString()));
        Assert.Equal(48, json.GetProperty("fit").GetProperty("rows").GetInt32());
        Assert.InRange(json.GetProperty("fit").GetProperty("e2e_mape").GetDouble(), 0, 0.01);

        _tool.Write("e.json", $$"""{ {{Engine}}, "latency_model": "m.json" }""");
        Assert.Equal(ExitCode.BadInput, await _tool.Run("simulate", "--workload", "burst:20", "--engine", "e.json", "--policy", "fcfs"));
        Assert.Contains("m.json", Assert.Single(_tool.ErrorLines), StringComparison.Ordinal);
        Assert.Contains("groups", _tool.ErrorLines[0], StringComparison.Ordinal);

        Assert.Equal(ExitCode.Done, await _tool.Run("fit-latency", "--profile", "p.csv", "--gpu", "b", "--model", "m", "--tp", "2", "--out", "m.json", "--json"));
        Assert.Equal(24, Json().GetProperty("fit").GetProperty("rows").GetInt32());
    }

    [Fact]
    public async Task FitLatency_LogOfASimulatedServer_IsRepeated()
    {
        _tool.Write("true.json", """{"form": "linear", "coefficients": {"step_s": 0.012, "prefill_token_s": 4e-5, "decode_sequence_s": 2e-4, "context_token_s": 2e-8}}""");
        _tool.Write("e.json", $$"""{ {{Engine}} }""");
        _tool.Write("true-engine.json", $$"""{ {{Engine}}, "latency_model": "true.json" }""");
        _tool.Write("t.csv", Trace(160));
        Assert.Equal(ExitCode.Done, await _tool.Run("simulate", "--trace", "t.csv", "--engine", "true-engine.json", "--policy", "fcfs", "--out", "run"));
        _tool.Write("log.csv", LogOf(_tool.Read("t.csv"), _tool.Read(Path.Combine("run", "fcfs.requests.csv"))));

        Assert.Equal(ExitCode.Done, await _tool.Run("fit-latency", "--log", "log.csv", "--engine", "e.json", "--calibrate", "0.4", "--out", "m.json", "--json"));
        JsonElement test = Json().GetProperty("test");
        Assert.Equal(96, test.GetProperty("requests").GetInt32());
        Assert.InRange(test.GetProperty("e2e_mape").GetDouble(), 0, 0.02);
        Assert.InRange(test.GetProperty("e2e_mean_error").GetDouble(), -0.02, 0.02);
        Assert.InRange(test.GetProperty("e2e_p90_error").GetDouble(), -0.03, 0.03);
        Assert.InRange(test.GetProperty("tpot_mean_error").GetDouble(), -0.02, 0.02);
        Assert.InRange(test.GetProperty("ttft_mean_error").GetDouble(), -0.1, 0.1);
        Assert.InRange(test.GetProperty("makespan_error").GetDouble(), -0.03, 0.03);
        Assert.InRange(test.GetProperty("completion_tau_b").GetDouble(), 0.97, 1 + 1e-9);
        Assert.Equal(_tool.Read("m.json"), _tool.Output);

        Assert.Equal(ExitCode.BadInput, await _tool.Run("fit-latency", "--log", "log.csv", "--engine", "true-engine.json", "--out", "m2.json"));
        _tool.Write("small.json", """{"max_sequences": 16, "max_batch_tokens": 2048, "kv_blocks": 3}""");
        Assert.Equal(ExitCode.BadInput, await _tool.Run("fit-latency", "--log", "log.csv", "--engine", "small.json", "--out", "m2.json"));
        Assert.Contains("small.json", Assert.Single(_tool.ErrorLines), StringComparison.Ordinal);
        Assert.DoesNotContain("m2.json", _tool.Files());
    }

    [Theory]
    [InlineData("--profile p.csv")]
    [InlineData("--out m.json")]
    [InlineData("--profile p.csv --log l.csv --engine e.json --out m.json")]
    [InlineData("--profile p.csv --engine e.json --out m.json")]
    [InlineData("--profile p.csv --calibrate 0.5 --out m.json")]
    [InlineData("--profile p.csv --form cubic --out m.json")]
    [InlineData("--profile p.csv --tp 0 --out m.json")]
    [InlineData("--profile p.csv --gpu none --out m.json")]
    [InlineData("--profile none.csv --out m.json")]
    [InlineData("--profile p.csv --evaluate none.csv --out m.json")]
    [InlineData("--profile bad.csv --out m.json")]
    [InlineData("--log l.csv --out m.json")]
    [InlineData("--log l.csv --engine none.json --out m.json")]
    [InlineData("--log l.csv --engine e.json --tp 2 --out m.json")]
    [InlineData("--log l.csv --engine e.json --evaluate p.csv --out m.json")]
    [InlineData("--log l.csv --engine e.json --calibrate 1 --out m.json")]
    [InlineData("--log l.csv --engine e.json --calibrate 0.01 --out m.json")]
    [InlineData("--log two.csv --engine e.json --out m.json")]
    [InlineData("--log p.csv --engine e.json --out m.json")]
    public async Task FitLatency_BadUsageOrInput_SaysSoOnOneLineAndLeavesNoFile(string arguments)
    {
        _tool.Write("p.csv", Columns + Rows("a", 1));
        _tool.Write("bad.csv", Columns + Rows("a", 1) + "a,m,2,512,-8,64,30,25,0\n");
        _tool.Write("l.csv", "input_tokens,output_tokens,queued_s,scheduled_s,first_token_s,last_token_s\n10,5,0,0,1,2\n10,5,0,0,1,2\n");
        _tool.Write("two.csv", "gpu,model,input_tokens,output_tokens,queued_s,scheduled_s,first_token_s,last_token_s\na,m,10,5,0,0,1,2\nb,m,10,5,0,0,1,2\n");
        _tool.Write("e.json", $$"""{ {{Engine}} }""");
        string[] before = _tool.Files();
        Assert.Equal(ExitCode.BadInput, await _tool.Run(["fit-latency", .. arguments.Split(' ')]));
        Assert.Single(_tool.ErrorLines);
        Assert.Empty(_tool.Output);
        Assert.Equal(before, _tool.Files());
    }

    private JsonElement Json() => JsonDocument.Parse(_tool.Output).RootElement;

    /// <summary>An engine whose prefill takes 20 ms and 0.1 ms a token, and whose decode takes 20 ms and 0.3 ms a sequence; two repeats of each run.</summary>
    private static string Rows(string gpu, double factor)
    {
        var rows = new StringBuilder();
        foreach ((int prompt, int batch) in new[] { (128, 1), (512, 1), (1_024, 1), (2_048, 1), (4_096, 1), (8_192, 1), (512, 2), (512, 4), (512, 8), (512, 16), (512, 32), (512, 64) })
        {
            for (int repeat = 0; repeat < 2; repeat++)
                rows.Append(CultureInfo.InvariantCulture, $"{gpu},m,2,{prompt},{batch},128,{factor * (20 + 0.1 * prompt * batch)},{factor * (20 + 0.3 * batch)},1\n");
        }

        return rows.ToString();
    }

    private static string Trace(int count)
    {
        var random = new Random(5);
        var trace = new StringBuilder("id,arrival_us,input_tokens,output_tokens\n");
        long at = 0;
        for (int i = 0; i < count; i++)
            trace.Append(CultureInfo.InvariantCulture, $"{i},{at += random.Next(400_000)},{random.Next(50, 1_500)},{random.Next(50, 300)}\n");
        return trace.ToString();
    }

    private static string LogOf(string trace, string requests)
    {
        Dictionary<string, string[]> served = requests.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')).ToDictionary(cells => cells[0]);
        var log = new StringBuilder("input_tokens,output_tokens,queued_s,scheduled_s,first_token_s,last_token_s\n");
        foreach (string[] cells in trace.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')))
        {
            double arrival = double.Parse(cells[1], CultureInfo.InvariantCulture) / 1e6;
            double first = arrival + double.Parse(served[cells[0]][2], CultureInfo.InvariantCulture) / 1e6, last = arrival + double.Parse(served[cells[0]][3], CultureInfo.InvariantCulture) / 1e6;
            log.Append(CultureInfo.InvariantCulture, $"{cells[2]},{cells[3]},{arrival},0,{first},{last}\n");
        }

        return log.ToString();
    }
}
