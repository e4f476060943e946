using System.Text.Json;

namespace OnnxDecoder.Tests;

/// <summary>A byte-level tokenizer as a tokenizer.json: every byte, some merges, and the marks of a chat.</summary>
internal static class TinyTokenizer
{
    public const int EndOfText = 280, MessageStart = 281, MessageEnd = 282;

    /// <summary>Tokens that a model scores; some have no text, as in models whose vocabulary is rounded up.</summary>
    public const int Words = 288;

    private const string QwenWords = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>In order; Ġ is the space.</summary>
    public static readonly string[] Merges = ["h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "l d", "Ġwor ld", "Ġ t", "Ġt he", "i n", "in g", "a n", "an d", "Ġ and", "e r", "r e", "Ã ©"];

    public static string Json { get; } = JsonSerializer.Serialize(new
    {
        added_tokens = Special(("<|endoftext|>", EndOfText), ("<|im_start|>", MessageStart), ("<|im_end|>", MessageEnd)),
        normalizer = new { type = "NFC" },
        pre_tokenizer = new
        {
            type = "Sequence",
            pretokenizers = new object[]
            {
                new { type = "Split", pattern = new { Regex = QwenWords }, behavior = "Isolated", invert = false },
                new { type = "ByteLevel", add_prefix_space = false, trim_offsets = false, use_regex = false },
            },
        },
        model = new
        {
            type = "BPE",
            vocab = Enumerable.Range(0, 256).Select(value => ByteLetters.Of((byte)value).ToString()).Concat(Merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal))).Select((piece, id) => (piece, id)).ToDictionary(pair => pair.piece, pair => pair.id),
            merges = Merges,
        },
    });

    private static object[] Special(params (string Content, int Id)[] tokens) =>
        [.. tokens.Select(token => new { id = token.Id, content = token.Content, special = true, lstrip = false, rstrip = false, single_word = false })];
}
