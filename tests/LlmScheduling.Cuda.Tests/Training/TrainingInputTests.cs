using System.IO.Compression;
using System.Text;

namespace LlmScheduling.Cuda.Tests;

/// <summary>What the script says of logs and options that it cannot use, as llmsched train-ranker says it.</summary>
public sealed class TrainingInputTests : IDisposable
{
    private readonly TrainingScript _script = new();

    public void Dispose() => _script.Dispose();

    [Theory]
    [InlineData("--data nowhere.jsonl", "nowhere.jsonl: found no such file; allowed a file that can be read.")]
    [InlineData("--data few.jsonl", "few.jsonl: found 5 different prompts; allowed 20 or more.")]
    [InlineData("--data negative.jsonl", "negative.jsonl:2: field response_tokens: found -1; allowed a whole number from 0 to 100000000.")]
    [InlineData("--data log.jsonl --length-field usage.completion_tokens", "log.jsonl:1: field usage.completion_tokens: found nothing; allowed a whole number from 0 to 100000000.")]
    [InlineData("--data log.jsonl --finish-field at", "log.jsonl:1: field at: found 1700000005; allowed a string or null.")]
    [InlineData("--data log.jsonl --split time --time-field prompt", "allowed seconds since 1970 or a time such as 2025-03-01T12:00:00Z.")]
    [InlineData("--data text.jsonl", "text.jsonl:1: found what is not JSON")]
    [InlineData("--data surrogate.jsonl", "surrogate.jsonl:1: field prompt: found text that is not Unicode; allowed a string in UTF-8.")]
    [InlineData("--data cut.jsonl.gz", "cut.jsonl.gz: found damaged or cut-off gzip data")]
    [InlineData("--data equal.jsonl", "equal.jsonl: field response_tokens: found no two lengths among")]
    [InlineData("--data log.jsonl --out taken", "--out: found notes.txt; allowed a new folder, or one with ranker.onnx and vocab.txt only.")]
    [InlineData("--data log.jsonl --split time", "--split time needs --time-field")]
    public void Run_OfBadInput_SaysWhereAndWritesNothing(string arguments, string expected)
    {
        TrainingScript.SkipWithoutPyTorch();
        File.WriteAllText(_script.At("log.jsonl"), StoryLog.Lines(0, 60));
        File.WriteAllText(_script.At("few.jsonl"), StoryLog.Lines(0, 5) + StoryLog.Lines(0, 5));
        File.WriteAllText(_script.At("negative.jsonl"), StoryLog.Line("a", 1) + StoryLog.Line("b", -1));
        File.WriteAllText(_script.At("text.jsonl"), "Hello\n");
        File.WriteAllText(_script.At("surrogate.jsonl"), "{\"prompt\": \"\\ud800\", \"response_tokens\": 1}\n");
        File.WriteAllBytes(_script.At("cut.jsonl.gz"), [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0, 1]);
        File.WriteAllText(_script.At("equal.jsonl"), string.Concat(Enumerable.Range(0, 60).Select(i => StoryLog.Line(StoryLog.Prompt(i), 7))));
        Directory.CreateDirectory(_script.At("taken"));
        File.WriteAllText(_script.At("taken/notes.txt"), "mine");
        string[] before = _script.Entries();
        string[] words = arguments.Split(' ');
        (int status, string output, string errors) = _script.Run(words.Contains("--out") ? words : [.. words, "--out", "made"]);
        Assert.Equal(2, status);
        Assert.Empty(output);
        Assert.Contains(expected, errors.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal(before, _script.Entries());
    }

    [Fact]
    public void Run_WithEqualSeeds_WritesEqualFilesInPlaceOfTheOld()
    {
        TrainingScript.SkipWithoutPyTorch();
        using (var packed = new GZipStream(File.Create(_script.At("log.jsonl.gz")), CompressionLevel.Fastest))
            packed.Write(Encoding.UTF8.GetBytes("\uFEFF" + StoryLog.Lines(0, 90)));
        byte[] first = Train("1"), other = Train("2"), again = Train("1");
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(["log.jsonl.gz", "made"], _script.Entries());

        byte[] Train(string seed)
        {
            _script.Train("--data", "log.jsonl.gz", "--split", "time", "--time-field", "at", "--layers", "1", "--width", "64", "--epochs", "1", "--pairs", "1", "--seed", seed, "--out", "made");
            return File.ReadAllBytes(_script.At("made/ranker.onnx"));
        }
    }
}
