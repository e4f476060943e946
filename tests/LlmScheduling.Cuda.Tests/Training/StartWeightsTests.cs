using System.Text;
using System.Text.Json;

namespace LlmScheduling.Cuda.Tests;

/// <summary>A BERT from a folder of Hugging Face, through the script and ONNX, against the same forward pass in double precision.</summary>
public sealed class StartWeightsTests : IDisposable
{
    private static readonly EncoderShape Shape = new() { Width = 32, Heads = 4 };

    private static readonly string[] Prompts =
    [
        "", "write a short story", "explain why the sky is blue", "list 10 steps", "東京の天気", "def main(): return x + 1;", string.Concat(Enumerable.Repeat("long prompts ", 40)), "how many steps?", "unknown words here",
    ];

    private const string ReadEach = """
        import sys, start_weights
        from input_error import InputError
        for folder in sys.argv[1:]:
            try:
                start_weights.read(folder, 50)
                print("nothing is wrong")
            except InputError as problem:
                print(problem)
        """;

    private readonly TrainingScript _script = new();

    public void Dispose() => _script.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Export_OfEitherFormat_ScoresAsDoublePrecisionSays(bool asPickle, bool hasOldNames)
    {
        TrainingScript.SkipWithoutPyTorch();
        HuggingFaceFolder.Write(_script, "start", Shape, asPickle, name => hasOldNames ? name.Replace("Norm.weight", "Norm.gamma", StringComparison.Ordinal).Replace("Norm.bias", "Norm.beta", StringComparison.Ordinal) : name);
        _script.Train("--start", "start", "--epochs", "0", "--out", "made");
        OnnxScoreTests.AssertClose(Reference(), await ScoresAsync(), 1e-4);
    }

    [Fact]
    public async Task Export_InHalfPrecision_HalvesTheFileAndScoresNearly()
    {
        TrainingScript.SkipWithoutPyTorch();
        HuggingFaceFolder.Write(_script, "start", Shape);
        _script.Train("--start", "start", "--epochs", "0", "--out", "whole");
        _script.Train("--start", "start", "--epochs", "0", "--out", "made", "--fp16");
        Assert.InRange(new FileInfo(_script.At("made/ranker.onnx")).Length, 1, 0.65 * new FileInfo(_script.At("whole/ranker.onnx")).Length);
        double[] expected = Reference();
        double largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(await ScoresAsync()), pair => Assert.Equal(pair.First, pair.Second, 0.02 * largest));
    }

    [Fact]
    public async Task Train_FromAFolderWithoutAHead_LearnsOne()
    {
        TrainingScript.SkipWithoutPyTorch();
        HuggingFaceFolder.Write(_script, "start", Shape, rename: name => name.StartsWith("classifier", StringComparison.Ordinal) ? null : name["bert.".Length..]);
        File.WriteAllText(_script.At("log.jsonl"), string.Concat(Enumerable.Range(0, 120).Select(i => StoryLog.Line($"{(i % 2 == 0 ? "list" : "explain")} the {(i % 5 == 0 ? "sky" : "story")} {i}", i % 2 == 0 ? 10 : 200))));
        JsonElement result = _script.Train("--start", "start", "--data", "log.jsonl", "--epochs", "2", "--batch", "16", "--pairs", "4", "--learning-rate", "1e-3", "--out", "made");
        Assert.InRange(result.GetProperty("held_out").GetProperty("kendall_tau_b").GetDouble(), 0.5, 1);
        using OnnxRequestRanker ranker = OnnxRequestRanker.Load(_script.At("made/ranker.onnx"), new OnnxRankerOptions { UseCuda = false });
        float[] scores = await ModelFolder.ScoresAsync(ranker, "list the sky", "explain the sky");
        Assert.True(scores[0] < scores[1]);
    }

    [Fact]
    public void Read_OfAFolderThatDoesNotFit_SaysWhatToChange()
    {
        TrainingScript.SkipWithoutPyTorch();
        (string File, string Old, string New, string Expected)[] cases =
        [
            ("config.json", "\"bert\"", "\"roberta\"", "config.json: field model_type: found \"roberta\"; allowed \"bert\"."),
            ("config.json", "\"num_hidden_layers\":2", "\"num_hidden_layers\":3", "model.safetensors: field layers.2.query.weight: found no such weights"),
            ("config.json", "\"hidden_size\":32", "\"hidden_size\":64", "found the shape [64, 32]; allowed [64, 64]"),
            ("config.json", "\"num_attention_heads\":4", "\"num_attention_heads\":5", "config.json: field num_attention_heads: found 5; allowed a divisor of hidden_size, 32."),
            ("config.json", "\"vocab_size\":64", "\"vocab_size\":8", "config.json: field vocab_size: found 8"),
            ("config.json", "{", "", "config.json: found what is not JSON"),
            ("model.safetensors", "{", "", "model.safetensors: found damaged or cut-off data"),
            ("model.safetensors", "F32", "I64", "found no such weights"),
        ];
        for (int i = 0; i < cases.Length; i++)
        {
            HuggingFaceFolder.Write(_script, $"{i}", Shape);
            string path = Path.Combine(_script.At($"{i}"), cases[i].File), text = File.ReadAllText(path, Encoding.Latin1);
            int at = text.IndexOf(cases[i].Old, StringComparison.Ordinal);
            File.WriteAllText(path, string.Concat(text.AsSpan(0, at), cases[i].New, text.AsSpan(at + cases[i].Old.Length)), Encoding.Latin1);
        }

        string[] messages = _script.RunLines(ReadEach, [.. Enumerable.Range(0, cases.Length).Select(i => $"{i}")]).TrimEnd('\n').Split('\n');
        Assert.All(cases.Zip(messages), pair => Assert.Contains(pair.First.Expected, pair.Second, StringComparison.Ordinal));
        Assert.Equal(cases.Length, messages.Length);
    }

    [Fact]
    public void Start_OfAFolderThatDoesNotFit_WritesNothing()
    {
        TrainingScript.SkipWithoutPyTorch();
        HuggingFaceFolder.Write(_script, "start", Shape, rename: name => name.StartsWith("classifier", StringComparison.Ordinal) ? null : name);
        (int status, string output, string errors) = _script.Run("--start", "start", "--epochs", "0", "--out", "made");
        Assert.Equal(2, status);
        Assert.Empty(output);
        Assert.Equal("train_ranker.py: start: field classifier.weight: found no head with one output; allowed a ranker that is trained already, or --epochs above 0.", errors.TrimEnd('\n'));
        Assert.Equal(["start"], _script.Entries());
    }

    private static double[] Reference()
    {
        using var folder = new ModelFolder(Shape);
        return OnnxScoreTests.Reference(folder, Shape, prompts: Prompts);
    }

    private async Task<float[]> ScoresAsync()
    {
        using OnnxRequestRanker ranker = OnnxRequestRanker.Load(_script.At("made/ranker.onnx"), new OnnxRankerOptions { UseCuda = false });
        return await ModelFolder.ScoresAsync(ranker, Prompts);
    }
}
