using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace OnnxDecoder.Tests;

public sealed class BytePairTokenizerTests
{
    private const int Hello = 259, World = 264, The = 266, Er = 272;

    private static readonly BytePairTokenizer Tokenizer = Of(TinyTokenizer.Json);

    [Fact]
    public void Encode_GivesTheTokensOfHuggingFacesTokenizers()
    {
        // Written by the npm package @huggingface/tokenizers 0.2.0 for the same tokenizer.json.
        JsonElement cases = JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Tokens", "hugging-face.json")));
        Assert.True(cases.GetArrayLength() > 50);
        foreach (JsonElement one in cases.EnumerateArray())
            Assert.Equal(one.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), Tokenizer.Encode(one.GetProperty("text").GetString()!));
    }

    [Fact]
    public void Encode_MergesByRank_WithinWords()
    {
        Assert.Equal([Hello, World, The], Tokenizer.Encode("hello world the"));
        Assert.Equal([Hello, TinyTokenizer.MessageEnd, 'h'], Tokenizer.Encode("hello<|im_end|>h"));
        // "er" is merged before "re", though it stands behind it.
        Assert.Equal(['r', Er], Tokenizer.Encode("rer"));
    }

    [Fact]
    public void Encode_ThenBytes_IsTheText() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(
            ArbMap.Default.ArbFor<NonNull<string>>().Filter(text => IsUnicode(text.Get) && !text.Get.Contains("<|", StringComparison.Ordinal)),
            text => Decode(Tokenizer.Encode(text.Get)) == text.Get));

    [Fact]
    public void Encode_OfAMillionLetters_IsNoWorkForMinutes()
    {
        List<int> tokens = Tokenizer.Encode(string.Concat(Enumerable.Repeat("hello", 200_000)));
        Assert.Equal(Enumerable.Repeat(Hello, 200_000), tokens);
    }

    [Fact]
    public void Encode_WithATemplate_BeginsAsTheModelExpects_Once()
    {
        BytePairTokenizer tokenizer = Of(TinyTokenizer.Json[..^1] + """, "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]}}""");
        Assert.Equal([TinyTokenizer.EndOfText, Hello], tokenizer.Encode("hello"));
        Assert.Equal([TinyTokenizer.EndOfText, Hello], tokenizer.Encode("<|endoftext|>hello"));
        Assert.Empty(tokenizer.Encode(""));
    }

    [Fact]
    public void TokenText_OfHalfACharacter_WaitsForTheRest()
    {
        var text = new TokenText();
        Assert.Equal("a", text.Add([(byte)'a', 0xE6, 0x9D], isLast: false));
        Assert.Equal("東", text.Add([0xB1], isLast: false));
        Assert.Equal("", text.Add([0xF0, 0x9F, 0x8E], isLast: false));
        Assert.Equal("\uFFFD", text.Add([], isLast: true));
    }

    private static string Decode(IEnumerable<int> tokens) => Encoding.UTF8.GetString([.. tokens.SelectMany(token => Tokenizer.BytesOf(token).ToArray())]);

    private static bool IsUnicode(string text) => text == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static BytePairTokenizer Of(string json)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json);
            return new BytePairTokenizer(TokenizerFile.Read(path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
