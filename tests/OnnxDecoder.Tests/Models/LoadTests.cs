using LlmScheduling;

namespace OnnxDecoder.Tests;

public sealed class LoadTests
{
    [Theory]
    [InlineData("model", "BPE", "Unigram", "model.type", "byte-level")]
    [InlineData("normalizer", "NFC", "Lowercase", "normalizer.type", "NFC")]
    [InlineData("normalizers", "{\"type\":\"NFC\"}", "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Replace\"}]}", "normalizer.type", "Replace")]
    [InlineData("words", "Split", "Metaspace", "pre_tokenizer.type", "ByteLevel")]
    [InlineData("words", "Isolated", "Removed", "pre_tokenizer.behavior", "Isolated")]
    [InlineData("expression of another dialect", "(?i:", "[^(\\\\s|[.])]|(?i:", "pre_tokenizer.pattern", ".NET")]
    [InlineData("merge", "h e", "h zz", "model.merges[0]", "two tokens")]
    [InlineData("byte", "\\u0100\":0", "zero\":0", "model.vocab", "byte 0")]
    [InlineData("json", "{\"added_tokens\"", "added_tokens", "tokenizer.json", "Hugging Face")]
    public void Tokenizer_OfAnotherKind_IsRefused_AndTheMessageSaysWhy(string what, string from, string to, params string[] said)
    {
        using var model = new TemporaryModel();
        string json = TinyTokenizer.Json.Replace(from, to, StringComparison.Ordinal);
        Assert.True(json != TinyTokenizer.Json, what);
        File.WriteAllText(model.TokenizerPath, json);
        AssertRefused(model, said);
    }

    [Fact]
    public void Tokenizer_OfSentencePiece_IsRefusedByItsName()
    {
        using var model = new TemporaryModel();
        File.WriteAllText(model.TokenizerPath, """{"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}]}, "model": {"type": "BPE", "byte_fallback": true, "vocab": {"<unk>": 0, "<0x00>": 1, "▁a": 2}, "merges": []}}""");
        AssertRefused(model, "SentencePiece", "Llama 2");
    }

    [Fact]
    public void Tokenizer_WithNoNormalizerInItsSequence_IsRead()
    {
        using var model = new TemporaryModel();
        string json = TinyTokenizer.Json.Replace("{\"type\":\"NFC\"}", "{\"type\":\"Sequence\",\"normalizers\":[]}", StringComparison.Ordinal);
        Assert.NotEqual(TinyTokenizer.Json, json);
        File.WriteAllText(model.TokenizerPath, json);
        using OnnxEngine engine = model.Load();
        Assert.Equal("tiny", engine.Model);
    }

    public static TheoryData<string, string[]> Models => new()
    {
        { "int32", ["input_ids", "Int32", "Int64"] },
        { "other input", ["use_cache_branch", "model.onnx"] },
        { "double cache", ["past_key_values.0.key", "Double", "Float"] },
        { "small vocabulary", ["tokenizer.json", "282", "200"] },
        { "one at a time", ["past_key_values.0.key", "[1, 2, -1, 8]", "batch and past dynamic"] },
        { "fails", ["model.onnx", "fails at its first tokens", "Gather"] },
        { "no layers", ["past_key_values.0.key", "text-generation-with-past"] },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Model_OfAnotherLayout_IsRefused_AndTheMessageSaysWhy(string kind, string[] said)
    {
        using var model = new TemporaryModel(kind switch
        {
            "int32" => new() { IdType = OnnxType.Int32 },
            "other input" => new() { HasOtherInput = true },
            "double cache" => new() { CacheType = OnnxType.Double },
            "one at a time" => new() { FixedBatch = 1 },
            "fails" => new() { Positions = 4, ClaimedPositions = 200 },
            "small vocabulary" => new() { Words = 200 },
            _ => new() { Layers = 0 },
        });
        AssertRefused(model, said);
    }

    [Fact]
    public void Folder_WithoutAFile_IsRefused_AndTheMessageSaysWhich()
    {
        using var model = new TemporaryModel();
        Assert.Contains("--kv-mib", Assert.Throws<InputException>(() => model.Load(options => options with { KvBytes = 1_000 })).Message, StringComparison.Ordinal);
        Assert.Contains("model.onnx", Assert.Throws<InputException>(() => model.Load(options => options with { File = "model_q4.onnx" })).Message, StringComparison.Ordinal);
        Assert.Contains("chatml, llama-3, plain", Assert.Throws<InputException>(() => model.Load(options => options with { Chat = "jinja" })).Message, StringComparison.Ordinal);
        File.WriteAllText(model.ConfigPath, "{}");
        AssertRefused(model, "config.json", "max_position_embeddings");
        File.Delete(model.ConfigPath);
        AssertRefused(model, "config.json", "no file");
        File.WriteAllText(model.ModelPath, "no model");
        File.WriteAllText(model.ConfigPath, """{"max_position_embeddings": 100}""");
        AssertRefused(model, "model.onnx", "ONNX Runtime");
        File.Delete(model.TokenizerPath);
        AssertRefused(model, "tokenizer.json", "no file");
        Assert.Contains("onnx/model.onnx", Assert.Throws<InputException>(() => model.Load(options => options with { Folder = "/nowhere" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithoutCuda_SaysWhyInOneLine()
    {
        using var model = new TemporaryModel();
        List<string> lines = [];
        OnnxEngine.Load(model.Options with { UseCuda = true, CudaDevice = 99 }, lines.Add).Dispose();
        string line = Assert.Single(lines);
        Assert.StartsWith("The model runs on the CPU: ", line, StringComparison.Ordinal);
        Assert.True(line.Length > 40 && !line.Contains('\n', StringComparison.Ordinal), line);
    }

    [Theory]
    [InlineData("--seats", "0")]
    [InlineData("--cpu", "perhaps")]
    [InlineData("--threads")]
    [InlineData("--engine", "h100.json")]
    [InlineData("--demo")]
    public void Parse_OfABadArgument_NamesIt(params string[] arguments) =>
        Assert.Contains(arguments[0], Assert.Throws<InputException>(() => DecoderOptions.Parse(["folder", .. arguments], out _)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_LeavesTheServersArgumentsToIt()
    {
        DecoderOptions options = DecoderOptions.Parse(["folder", "--seats", "3", "--url", "http://127.0.0.1:0", "--kv-mib", "7", "--cpu", "true"], out string[] rest);
        Assert.Equal(new DecoderOptions { Folder = "folder", Seats = 3, KvBytes = 7 << 20, UseCuda = false }, options);
        Assert.Equal(["--url", "http://127.0.0.1:0"], rest);
    }

    private static void AssertRefused(TemporaryModel model, params string[] said)
    {
        string message = Assert.Throws<InputException>(() => model.Load()).Message;
        Assert.All(said, words => Assert.Contains(words, message, StringComparison.Ordinal));
    }
}
