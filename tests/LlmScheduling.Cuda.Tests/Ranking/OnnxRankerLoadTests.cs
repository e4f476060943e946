using Microsoft.Extensions.Logging;

namespace LlmScheduling.Cuda.Tests;

/// <summary>What is wrong with a file is said when it is loaded, with what to change.</summary>
public sealed class OnnxRankerLoadTests
{
    [Fact]
    public void Load_OfNoFile_NamesIt()
    {
        string path = Path.Combine(Path.GetTempPath(), "no-such-folder", "ranker.onnx");
        Assert.StartsWith(path + ": found no file", Assert.Throws<InputException>(() => OnnxRequestRanker.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithoutAVocabulary_SaysWhereItWasLookedFor()
    {
        using var folder = new ModelFolder(new EncoderShape());
        File.Delete(folder.VocabularyFile);
        Assert.StartsWith(folder.VocabularyFile + ": found no file", Assert.Throws<InputException>(() => folder.Load()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(-1)]
    public void Load_OfACutFile_SaysThatItIsNoModel(int length)
    {
        byte[] model = new TinyEncoder(new EncoderShape()).ToOnnx();
        AssertRefused(model[..(length < 0 ? model.Length - 30 : length)], "no complete ONNX model");
    }

    [Fact]
    public void Load_OfAnotherFile_SaysThatItIsNoModel() => AssertRefused("{ \"model\": 1 }"u8.ToArray(), "no complete ONNX model");

    [Fact]
    public void Load_OfAnUndeclaredDirection_AsksForIt() => AssertRefused(Encoder(new EncoderShape { Direction = null }), "OnnxRankerOptions.Direction");

    [Fact]
    public void Load_OfADirectionThatIsNone_SaysWhichThereAre() => AssertRefused(Encoder(new EncoderShape { Direction = "up" }), "llm_scheduling.score_direction: found up; allowed longer or shorter");

    [Fact]
    public void Load_OfTwoDirections_Refuses() =>
        AssertRefused(Encoder(new EncoderShape { Direction = "shorter" }), "found shorter", new OnnxRankerOptions { UseCuda = false, Direction = ScoreDirection.HigherIsLonger });

    [Fact]
    public void Load_OfADirectionInTheOptionsAlone_Works()
    {
        using var folder = new ModelFolder(new EncoderShape { Direction = null });
        using OnnxRequestRanker ranker = folder.Load(new OnnxRankerOptions { UseCuda = false, Direction = ScoreDirection.HigherIsShorter });
        Assert.False(ranker.RunsOnCuda);
    }

    [Fact]
    public void Load_OfAFixedBatch_AsksForADynamicOne() => AssertRefused(Encoder(new EncoderShape { FixedBatch = 4 }), "field input_ids: found a batch of always 4; allowed a dynamic first dimension");

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4_097)]
    [InlineData((1 << 27) + 1)]
    public void Load_OfAFixedLengthOutOfRange_NamesIt(int length) =>
        AssertRefused(Encoder(new EncoderShape { FixedLength = length }), $"field input_ids: found a length of always {length}; allowed a dynamic second dimension, or a fixed one of 8 to 4096");

    [Fact]
    public async Task Load_WhereCudaHasNoPageLockedMemory_RunsOnTheCpuAndSaysWhy()
    {
        using var folder = new ModelFolder(new EncoderShape());
        var log = new LogLines();
        // A session without CUDA has no such memory.
        using var session = new WatchedSession(folder.Model);
        using OnnxRequestRanker ranker = new OnnxRankerFile(folder.Model, new OnnxRankerOptions(), log, TimeProvider.System, null, () => session).Open();
        Assert.False(ranker.RunsOnCuda);
        Assert.True(session.IsDisposed);
        (LogLevel level, string line) = Assert.Single(log.Lines);
        Assert.Equal(LogLevel.Warning, level);
        Assert.StartsWith($"Ranking model {folder.Model} runs on the CPU: ", line, StringComparison.Ordinal);
        using OnnxRequestRanker alone = folder.Load();
        Assert.Equal(await ModelFolder.ScoresAsync(alone, "hello", "how many?"), await ModelFolder.ScoresAsync(ranker, "hello", "how many?"));
    }

    [Fact]
    public void Load_OfMoreWordsThanTheModelKnows_SaysSo() => AssertRefused(Encoder(new EncoderShape { Words = 20 }), "whose embedding has a row for each");

    [Fact]
    public void Load_OfFewerPositionsThanTokens_NamesTheOption() => AssertRefused(Encoder(new EncoderShape { Positions = 64 }), "OnnxRankerOptions.MaxTokens");

    [Theory]
    [InlineData("pixels", "attention_mask", OnnxType.Int64, 2, 1, "field inputs: found pixels, attention_mask")]
    [InlineData("input_ids", "position_ids", OnnxType.Int64, 2, 1, "field inputs: found position_ids")]
    [InlineData("input_ids", null, OnnxType.Int64, 2, 1, "field inputs: found no attention_mask")]
    [InlineData("input_ids", "attention_mask", OnnxType.Float, 2, 1, "field input_ids: found elements of type Float; allowed Int64 or Int32")]
    [InlineData("input_ids", "attention_mask", OnnxType.Int64, 1, 1, "field input_ids: found 1 dimensions")]
    [InlineData("input_ids", "attention_mask", OnnxType.Int64, 2, 2, "field score: found the shape [-1, 2]")]
    public void Load_OfAnotherInterface_SaysWhatIsExpected(string first, string? second, OnnxType type, int dimensions, int scores, string expected)
    {
        var graph = new OnnxGraph();
        int[] shape = new int[dimensions];
        string sum = graph.Node("Cast", [graph.Input(first, type, shape)], ("to", 1));
        if (second is not null)
            sum = graph.Node("Add", [sum, graph.Node("Cast", [graph.Input(second, type, shape)], ("to", 1))]);
        if (dimensions == 2)
            sum = graph.Node("ReduceSum", [sum, graph.Integers(1)]);
        graph.Node("Mul", [sum, graph.Weights(new float[scores], scores)], "score");
        graph.Output("score", OnnxType.Float, 0, scores);
        graph.Metadata("llm_scheduling.score_direction", "longer");
        AssertRefused(graph.ToModel(), expected);
    }

    [Fact]
    public void Load_OfTwoOutputs_AsksForTheScoreAlone()
    {
        var graph = new OnnxGraph();
        string sum = graph.Node("Add", [graph.Input("input_ids", OnnxType.Int64, 0, 0), graph.Input("attention_mask", OnnxType.Int64, 0, 0)]);
        foreach (string name in new[] { "one", "other" })
        {
            graph.Node("Cast", [sum], name, ("to", 1));
            graph.Output(name, OnnxType.Float, 0, 0);
        }

        graph.Metadata("llm_scheduling.score_direction", "longer");
        AssertRefused(graph.ToModel(), "field outputs: found one, other; allowed one, the score");
    }

    [Fact]
    public void Load_OfOperatorsThatNobodyKnows_NamesTheOperatorSets()
    {
        var graph = new OnnxGraph();
        graph.Node("Cast", [graph.Input("input_ids", OnnxType.Int64, 0, 0)], "score", ("to", 1));
        graph.Output("score", OnnxType.Float, 0, 0);
        graph.Metadata("llm_scheduling.score_direction", "longer");
        AssertRefused(graph.ToModel(operatorSet: 9_999), "found operator sets ai.onnx 9999");
    }

    [Theory]
    [InlineData(7, 32, 0, 0, "MaxTokens is 7; it must be 8 to 4096")]
    [InlineData(128, 0, 0, 0, "MaxBatchSize is 0")]
    [InlineData(128, 32, -1, 0, "MaxBatchDelay is ")]
    [InlineData(128, 32, 0, -1, "CpuThreads is -1")]
    public void Load_OfOptionsOutOfRange_NamesThem(int maxTokens, int maxBatch, int delay, int threads, string expected)
    {
        var options = new OnnxRankerOptions { MaxTokens = maxTokens, MaxBatchSize = maxBatch, MaxBatchDelay = TimeSpan.FromSeconds(delay), CpuThreads = threads };
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => OnnxRequestRanker.Load("ranker.onnx", options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithCudaAllowed_LogsOnceWhereItRunsAndWhy()
    {
        using var folder = new ModelFolder(new EncoderShape());
        var log = new LogLines();
        using OnnxRequestRanker ranker = OnnxRequestRanker.Load(folder.Model, new OnnxRankerOptions(), log);
        (LogLevel level, string line) = Assert.Single(log.Lines);
        Assert.Equal(ranker.RunsOnCuda ? LogLevel.Information : LogLevel.Warning, level);
        Assert.StartsWith($"Ranking model {folder.Model} runs on {(ranker.RunsOnCuda ? "CUDA device 0." : "the CPU: ")}", line, StringComparison.Ordinal);
        Assert.True(line.Length > folder.Model.Length + 40, line);
    }

    private static byte[] Encoder(EncoderShape shape) => new TinyEncoder(shape).ToOnnx();

    private static void AssertRefused(byte[] model, string expected, OnnxRankerOptions? options = null)
    {
        using var folder = new ModelFolder(model);
        string message = Assert.Throws<InputException>(() => folder.Load(options)).Message;
        Assert.StartsWith(folder.Model, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }
}
