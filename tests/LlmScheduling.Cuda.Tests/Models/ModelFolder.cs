using System.Text;

namespace LlmScheduling.Cuda.Tests;

/// <summary>A folder with a model and its vocabulary, deleted in the end.</summary>
internal sealed class ModelFolder : IDisposable
{
    /// <summary>The pieces that every test's encoder knows.</summary>
    public static readonly string[] Pieces =
    [
        "write", "a", "short", "long", "story", "about", "explain", "why", "the", "sky", "is", "blue", "list", "1", "##0", "0", "steps", "def", "main", "(", ")", ":", ";", "return",
        "x", "+", "{", "}", "\"", "key", "null", "東", "京", "の", "天", "気", "prompt", "##s", "s", "##t", "t", "e", "##e", "[", "]", "how", "many", "?", ".", "hello",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("llmscheduling-onnx-").FullName;

    public ModelFolder(byte[] model)
    {
        File.WriteAllBytes(Model, model);
        File.WriteAllText(VocabularyFile, new Vocabulary(Pieces).Text, new UTF8Encoding(false));
    }

    public ModelFolder(EncoderShape shape)
        : this(new TinyEncoder(shape).ToOnnx())
    {
    }

    public string Model => Path.Combine(_folder, "ranker.onnx");

    public string VocabularyFile => Path.Combine(_folder, "vocab.txt");

    public static RankingInput[] Inputs(params string[] prompts) => [.. prompts.Select((prompt, i) => new RankingInput(new RequestId(i), prompt.AsMemory(), 8, 1_024, ""))];

    public static async Task<float[]> ScoresAsync(IRequestRanker ranker, params string[] prompts)
    {
        float[] scores = new float[prompts.Length];
        await ranker.RankAsync(Inputs(prompts), scores, CancellationToken.None);
        return scores;
    }

    public OnnxRequestRanker Load(OnnxRankerOptions? options = null) => OnnxRequestRanker.Load(Model, options ?? new OnnxRankerOptions { UseCuda = false });

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
