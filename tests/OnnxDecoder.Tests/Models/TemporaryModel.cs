using System.Text.Json;

namespace OnnxDecoder.Tests;

/// <summary>A model's folder as it would be downloaded, deleted in the end.</summary>
internal sealed class TemporaryModel : IDisposable
{
    public TemporaryModel(DecoderShape? shape = null)
    {
        Decoder = new TinyDecoder(shape ?? new DecoderShape());
        Directory.CreateDirectory(Path.Combine(Folder, "onnx"));
        File.WriteAllBytes(ModelPath, Decoder.ToOnnx());
        File.WriteAllText(TokenizerPath, TinyTokenizer.Json);
        File.WriteAllText(ConfigPath, JsonSerializer.Serialize(new { max_position_embeddings = Decoder.Shape.ClaimedPositions ?? Decoder.Shape.Positions, eos_token_id = TinyTokenizer.EndOfText }));
        File.WriteAllText(Path.Combine(Folder, "generation_config.json"), JsonSerializer.Serialize(new { eos_token_id = new[] { TinyTokenizer.EndOfText, TinyTokenizer.MessageEnd } }));
    }

    public TinyDecoder Decoder { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("llmscheduling-decoder-").FullName;

    public string ModelPath => Path.Combine(Folder, "onnx", "model.onnx");

    public string TokenizerPath => Path.Combine(Folder, "tokenizer.json");

    public string ConfigPath => Path.Combine(Folder, "config.json");

    /// <summary>Small blocks and chunks, so that short requests have several; room for all.</summary>
    public DecoderOptions Options => new() { Folder = Folder, Model = "tiny", UseCuda = false, CpuThreads = 1, KvBlockTokens = 4, ChunkTokens = 5, StepTokens = 64, KvBytes = 1 << 20 };

    /// <summary>What the model answers to a prompt when asked alone and greedily, computed without ONNX Runtime.</summary>
    public (string Text, int PromptTokens, List<int> Tokens) Answer(string prompt, int maxTokens)
    {
        var tokenizer = new BytePairTokenizer(TokenizerFile.Read(TokenizerPath));
        List<int> asked = tokenizer.Encode(prompt);
        List<int> answer = ReferenceRun.Greedy(Decoder, asked, maxTokens, [TinyTokenizer.EndOfText, TinyTokenizer.MessageEnd]);
        byte[] bytes = [.. answer.SelectMany(token => tokenizer.BytesOf(token).ToArray())];
        return (System.Text.Encoding.UTF8.GetString(bytes), asked.Count, answer);
    }

    public OnnxEngine Load(Func<DecoderOptions, DecoderOptions>? change = null) => OnnxEngine.Load(change?.Invoke(Options) ?? Options, _ => { });

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
