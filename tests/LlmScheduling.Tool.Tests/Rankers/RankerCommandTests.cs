using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LlmScheduling.Tool.Tests.Rankers;

public sealed class RankerCommandTests : IDisposable
{
    private static readonly string[] EvaluationFields = ["kendall_tau_b", "standard_error", "pair_accuracy", "pair_accuracy_gap20", "n", "baseline_prompt_length_tau_b", "us_per_prompt_p50", "us_per_prompt_p99"];

    private readonly ToolRun _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task TrainAndEvaluate_NewPromptsOfTheSameKind_AreOrdered()
    {
        _tool.Write("log.jsonl", Log(0, 400));
        _tool.Write("new.jsonl", Log(400, 600));
        JsonElement trained = await Json("train-ranker", "--data", "log.jsonl", "--dev", "new.jsonl", "--out", "r.ranker", "--json");
        Assert.Equal(["ranker", "loss", "rows", "truncated_rows", "validation", "dev", "wall_s", "file_bytes"], trained.EnumerateObject().Select(field => field.Name));
        Assert.Equal("learned", trained.GetProperty("ranker").GetString());
        Assert.Equal(400, trained.GetProperty("rows").GetInt32());
        Assert.Equal(new FileInfo(_tool.At("r.ranker")).Length, trained.GetProperty("file_bytes").GetInt64());

        JsonElement evaluated = await Json("evaluate-ranker", "--data", "new.jsonl", "--ranker", "r.ranker", "--json");
        Assert.Equal([.. EvaluationFields, "coverage_90"], evaluated.EnumerateObject().Select(field => field.Name));
        Assert.Equal(trained.GetProperty("dev").GetProperty("kendall_tau_b").GetDouble(), evaluated.GetProperty("kendall_tau_b").GetDouble());
        Assert.InRange(evaluated.GetProperty("kendall_tau_b").GetDouble(), 0.7, 1);
        Assert.InRange(evaluated.GetProperty("coverage_90").GetDouble(), 0.8, 1);
        Assert.Equal(200, evaluated.GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task EvaluateRanker_PromptLength_IsItsOwnBaseline()
    {
        _tool.Write("log.jsonl", Log(0, 50));
        JsonElement evaluated = await Json("evaluate-ranker", "--data", "log.jsonl", "--ranker", "prompt-length", "--json");
        Assert.Equal(EvaluationFields, evaluated.EnumerateObject().Select(field => field.Name));
        Assert.Equal(evaluated.GetProperty("baseline_prompt_length_tau_b").GetDouble(), evaluated.GetProperty("kendall_tau_b").GetDouble(), 12);
    }

    [Fact]
    public async Task TrainRanker_SameSeed_WritesTheSameFile()
    {
        _tool.Write("log.jsonl", Log(0, 100));
        foreach ((string name, string seed) in new[] { ("a", "1"), ("b", "1"), ("c", "2") })
            await Json("train-ranker", "--data", "log.jsonl", "--out", name, "--seed", seed, "--int8", "--json");
        Assert.Equal(File.ReadAllBytes(_tool.At("a")), File.ReadAllBytes(_tool.At("b")));
        Assert.NotEqual(File.ReadAllBytes(_tool.At("a")), File.ReadAllBytes(_tool.At("c")));
        Assert.InRange(new FileInfo(_tool.At("a")).Length, 1, 70_000);
    }

    [Fact]
    public async Task TrainRanker_FromStandardInputWithoutJson_PrintsATable()
    {
        _tool.Input = Encoding.UTF8.GetBytes(Log(0, 60));
        Assert.Equal(ExitCode.Done, await _tool.Run("train-ranker", "--data", "-", "--finish-field", "finish", "--time-field", "at", "--split", "time", "--loss", "margin", "--min-gap", "0.1"));
        Assert.Contains("validation: Kendall's tau-b", _tool.Output, StringComparison.Ordinal);
        Assert.Contains("of them cut off at a limit", _tool.Output, StringComparison.Ordinal);
        Assert.Empty(_tool.Files());
    }

    [Fact]
    public async Task TrainRanker_NothingToLearn_Warns()
    {
        _tool.Write("log.jsonl", string.Concat(Enumerable.Range(0, 40).Select(i => $"{{\"prompt\": \"p{i}\", \"response_tokens\": 5}}\n")));
        Assert.Equal(ExitCode.Done, await _tool.Run("train-ranker", "--data", "log.jsonl"));
        Assert.Contains("no better than chance", _tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_WithARanker_ComesNearTheOracle()
    {
        _tool.Write("log.jsonl", Log(0, 400));
        await Json("train-ranker", "--data", "log.jsonl", "--out", "r.ranker", "--json");
        _tool.Write("trace.csv", "arrival_us,input_tokens,output_tokens,prompt\n" + string.Concat(Enumerable.Range(400, 200).Select(i => $"0,10,{Tokens(i)},{Prompt(i)}\n")));
        _tool.Write("engine.json", """{"max_sequences": 8, "max_batch_tokens": 512, "step_us": 12000, "per_sequence_us": 120}""");
        double ranked = await MeanLatency("ranker:r.ranker"), oracle = await MeanLatency("oracle"), unknown = await MeanLatency("class-mean");
        Assert.InRange(ranked, oracle, oracle + 0.25 * (unknown - oracle));

        async Task<double> MeanLatency(string lengths) =>
            (await Json("simulate", "--trace", "trace.csv", "--engine", "engine.json", "--policy", "shortest-ranked-first", "--lengths", lengths, "--json"))
                .GetProperty("policies").GetProperty("shortest-ranked-first").GetProperty("mean_e2e_s").GetDouble();
    }

    [Theory]
    [InlineData("train-ranker", "no --data")]
    [InlineData("train-ranker --data nowhere.jsonl", "nowhere.jsonl: found no such file")]
    [InlineData("train-ranker --data few.jsonl", "5 different prompts; allowed 20 or more")]
    [InlineData("train-ranker --data bad.jsonl", "bad.jsonl:2: field response_tokens: found -1")]
    [InlineData("train-ranker --data log.jsonl --loss best", "--loss: found best")]
    [InlineData("train-ranker --data log.jsonl --split random", "--split: found random")]
    [InlineData("train-ranker --data log.jsonl --split time", "--time-field")]
    [InlineData("train-ranker --data log.jsonl --min-gap 1", "--min-gap is '1'")]
    [InlineData("train-ranker --data log.jsonl --loss listmle --min-gap 0.1", "it with --loss listmle")]
    [InlineData("train-ranker --data log.jsonl --out -", "--out: found '-'")]
    [InlineData("train-ranker --data log.jsonl --time-field missing", "log.jsonl:1: field missing: found nothing")]
    [InlineData("evaluate-ranker --data log.jsonl", "no --ranker")]
    [InlineData("evaluate-ranker --ranker prompt-length", "no --data")]
    [InlineData("evaluate-ranker --data log.jsonl --ranker nowhere.ranker", "nowhere.ranker: found no such file")]
    [InlineData("evaluate-ranker --data log.jsonl --ranker log.jsonl", "another kind of file")]
    [InlineData("evaluate-ranker --data log.jsonl --ranker model.onnx", "runs in an application with the LlmScheduling.Cuda package")]
    public async Task Rankers_BadInput_IsNamedInOneLine(string arguments, string message)
    {
        _tool.Write("log.jsonl", Log(0, 30));
        _tool.Write("few.jsonl", Log(0, 5) + Log(0, 5));
        _tool.Write("bad.jsonl", "{\"prompt\": \"p\", \"response_tokens\": 1}\n{\"prompt\": \"p\", \"response_tokens\": -1}\n");
        Assert.Equal(ExitCode.BadInput, await _tool.Run(arguments.Split(' ')));
        Assert.Contains(message, Assert.Single(_tool.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(_tool.Output);
    }

    private static string Log(int from, int to) => string.Concat(Enumerable.Range(from, to - from).Select(i => string.Create(
        CultureInfo.InvariantCulture, $"{{\"prompt\": \"{Prompt(i)}\", \"response_tokens\": {Tokens(i)}, \"finish\": \"{(i % 9 == 0 ? "length" : "stop")}\", \"at\": {1_700_000_000 + i}}}\n")));

    private static string Prompt(int i) => $"{(i % 3 == 0 ? "Say in one word what is" : i % 3 == 1 ? "Explain" : "Write a story about")} thing {i * 7919 % 1009}.";

    private static int Tokens(int i) => (i % 3 == 0 ? 5 : i % 3 == 1 ? 80 : 300) + i * 31 % 17;

    private async Task<JsonElement> Json(params string[] arguments)
    {
        Assert.Equal(ExitCode.Done, await _tool.Run(arguments));
        return JsonDocument.Parse(_tool.Output).RootElement;
    }
}
