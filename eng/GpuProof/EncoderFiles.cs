using System.Text;
using LlmScheduling.Cuda.Tests;

namespace LlmScheduling.GpuProof;

/// <summary>An encoder with random weights and its vocabulary, as files; deleted in the end.</summary>
internal sealed class EncoderFiles : IDisposable
{
    private const int Special = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("gpu-proof-").FullName;
    private readonly int _words;

    public EncoderFiles(string name, EncoderShape shape)
    {
        (Name, _words) = (name, shape.Words - Special);
        File.WriteAllBytes(Model, new TinyEncoder(shape).ToOnnx());
        File.WriteAllText(Vocabulary, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n" + string.Concat(Enumerable.Range(0, _words).Select(i => $"w{i}\n")), new UTF8Encoding(false));
    }

    /// <summary>As large as bert-base-uncased: 110 million weights.</summary>
    public static EncoderShape Base(OnnxType weights = OnnxType.Float) => new() { Layers = 12, Width = 768, Heads = 12, Words = 30_522, Positions = 512, HasTokenTypes = false, WeightType = weights };

    /// <summary>Small, with everything that an encoder may ask for.</summary>
    public static EncoderShape Small(OnnxType weights = OnnxType.Float) => new() { Layers = 2, Width = 128, Heads = 4, Words = 1_000, HasTokenTypes = true, IdType = OnnxType.Int32, WeightType = weights };

    public string Name { get; }

    public string Model => Path.Combine(_folder, "ranker.onnx");

    public string Vocabulary => Path.Combine(_folder, "vocab.txt");

    public string At(string file) => Path.Combine(_folder, file);

    /// <summary>Prompts of random words; of a fixed number, or of 1 to 200.</summary>
    public RankingInput[] Prompts(int count, int seed, int? words = null)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new RankingInput(new RequestId(i), string.Join(' ', Enumerable.Range(0, words ?? random.Next(1, 201)).Select(_ => $"w{random.Next(_words)}")).AsMemory(), 1, 1, ""))];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
