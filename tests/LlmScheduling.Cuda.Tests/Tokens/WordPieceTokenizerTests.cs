using System.Text;
using LlmScheduling.Tests;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Pieces as published: the examples of google-research/bert (tokenization_test.py, README) and of Hugging Face's tests of BERT's tokenizer.</summary>
public sealed class WordPieceTokenizerTests
{
    private static readonly Vocabulary Published = new("want", "##want", "##ed", "wa", "un", "runn", "##ing", ",", "low", "lowest");

    [Theory]
    [InlineData("", "")]
    [InlineData("unwanted running", "un ##want ##ed runn ##ing")]
    [InlineData("unwantedX running", "[UNK] runn ##ing")]
    [InlineData("UNwant\u00E9d,running", "un ##want ##ed , runn ##ing")]
    [InlineData("lowest", "lowest")]
    [InlineData("lower", "[UNK]")]
    public void Encode_OfPublishedExamples_YieldsThePublishedPieces(string text, string pieces) => Assert.Equal(pieces, string.Join(' ', Published.Split(text)));

    [Fact]
    public void Encode_OfAName_CutsItAsTheReadmeOfBertDoes() =>
        Assert.Equal(["john", "johan", "##son", "'", "s", "house"], new Vocabulary("john", "johan", "##son", "'", "s", "house").Split("John Johanson's,   house".Replace(",", "", StringComparison.Ordinal)));

    [Theory]
    [InlineData(" \tHeLLo!how  \n Are yoU?  ", true, "hello ! how are you ?")]
    [InlineData("H\u00E9llo", true, "hello")]
    [InlineData(" \tH\u00E4LLo!how  \n Are yoU?  ", true, "hallo ! how are you ?")]
    [InlineData(" \tHeLLo!how  \n Are yoU?  ", false, "HeLLo ! how Are yoU ?")]
    [InlineData(" \tH\u00E4LLo!how  \n Are yoU?  ", false, "H\u00E4LLo ! how Are yoU ?")]
    [InlineData("ah\u535A\u63A8zz", true, "ah \u535A \u63A8 zz")]
    public void Encode_BeforeItCuts_SplitsAsTheBasicTokenizerDoes(string text, bool lowerCase, string words) =>
        Assert.Equal(words, string.Join(' ', new Vocabulary(words.Split(' ')).Split(text, lowerCase)));

    [Theory]
    [InlineData("a\u00A0b", "a b")] // no-break space
    [InlineData("a\u3000b\u2028c\u2029d", "a b c d")] // ideographic space, line and paragraph separators
    [InlineData("a\u00ADb", "ab")] // soft hyphen is a format character
    [InlineData("a\0b\uFFFDc\u0005d\u200Be", "abcde")]
    [InlineData("a\ud800b", "ab")] // half a surrogate pair
    [InlineData("\uE000a", "a")] // private use
    [InlineData("a-b$c`d.e", "a - b $ c ` d . e")]
    [InlineData("a\u2014b\u3002", "a \u2014 b \u3002")]
    [InlineData("a\u037Eb", "a ; b")] // the Greek question mark decomposes to a semicolon
    [InlineData("\uF900x", "\u8C48 x")] // a compatibility ideograph decomposes to the unified one
    [InlineData("\u0130stanbul", "istanbul")]
    [InlineData("\u212Aelvin \u212Bngstr\u00F6m", "kelvin angstrom")]
    [InlineData("Stra\u00DFe", "stra\u00DFe")]
    [InlineData("e\u0301\u0327", "e")]
    [InlineData("\uD55C", "\u1112\u1161\u11AB")] // a Hangul syllable falls apart into its letters
    [InlineData("\uAC00", "\u1100\u1161")]
    [InlineData("\U0001F642a", "\U0001F642a")] // an emoji is no punctuation
    [InlineData("\u3042\u30AB", "\u3042\u30AB")] // kana are no ideographs
    [InlineData("\U00020000x", "\U00020000 x")]
    public void Encode_OfOneKindOfCharacter_CleansIt(string text, string words) => Assert.Equal(words, string.Join(' ', new Vocabulary([.. words.Split(' ').Distinct()]).Split(text)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Encode_OfEveryCodePoint_FramesIt(bool lowerCase)
    {
        WordPieceTokenizer tokenizer = new Vocabulary("a").Tokenizer(lowerCase);
        int[] ids = new int[16];
        Span<char> pair = stackalloc char[2];
        for (int point = 0; point <= 0x10_FFFF; point++)
        {
            // Half a surrogate pair is a text of its own.
            int length = point is >= 0xD800 and <= 0xDFFF ? 1 : new Rune(point).EncodeToUtf16(pair);
            if (length == 1)
                pair[0] = (char)point;
            int count = tokenizer.Encode(pair[..length], ids);
            if (count < 2 || ids[0] != tokenizer.ClassifyId || ids[count - 1] != tokenizer.SeparatorId)
                Assert.Fail($"U+{point:X4} yields {string.Join(' ', ids[..count])}.");
        }
    }

    [Theory]
    [InlineData("\U0001D160", "\U0001D158\U0001D165\U0001D16E")]
    [InlineData("\U0001D164", "\U0001D158\U0001D165\U0001D172")]
    [InlineData("\U0001D1C0", "\U0001D1BA\U0001D165\U0001D16F")]
    public void Encode_OfANoteWithAFlag_TakesItApart(string note, string parts) => Assert.Equal([parts], new Vocabulary(parts).Split(note));

    [Fact]
    public void Encode_OfSpecialPiecesInAText_TreatsThemAsCharacters() =>
        Assert.Equal(["[", "sep", "]", "x"], new Vocabulary("[", "sep", "]", "x").Split("[SEP] x"));

    [Theory]
    [InlineData(100, "a")]
    [InlineData(101, "[UNK]")]
    [InlineData(60_000, "[UNK]")]
    public void Encode_OfALongWord_IsUnknownFrom101CharactersOn(int length, string first)
    {
        string[] pieces = new Vocabulary("a", "##a", "b").Split(new string('a', length) + " b");
        Assert.Equal(first, pieces[0]);
        Assert.Equal("b", pieces[^1]);
        Assert.Equal(first == "a" ? 101 : 2, pieces.Length);
    }

    [Fact]
    public void Encode_OfAWordOfPairs_CountsCodePoints()
    {
        var vocabulary = new Vocabulary("\U00020000", "\U0001F642", "##\U0001F642");
        Assert.Equal(100, vocabulary.Split(string.Concat(Enumerable.Repeat("\U0001F642", 100))).Length);
        Assert.Equal(["[UNK]"], vocabulary.Split(string.Concat(Enumerable.Repeat("\U0001F642", 101))));
    }

    [Fact]
    public void Encode_OfMoreThanFits_KeepsTheBeginningAndEndsWithTheSeparator()
    {
        Assert.Equal(["un", "##want"], Published.Split("unwanted running", room: 4));
        Assert.Equal(["un", "##want", "##ed"], Published.Split("unwanted running", room: 5));
        Assert.Equal(126, Published.Split(string.Concat(Enumerable.Repeat("running ", 5_000)), room: 128).Length);
        Assert.Empty(Published.Split("unwanted", room: 2));
    }

    [Fact]
    public void Encode_OfAWordCutByTheEnd_IsUnknownIfItsHiddenPartIs() => Assert.Equal(["[UNK]"], Published.Split("unwantedX", room: 4));

    [Fact]
    public void Encode_WithoutRoomForTheFrame_Throws() =>
        Assert.Throws<ArgumentException>(() => Published.Tokenizer().Encode("x", new int[1]));

    [Fact]
    public void Encode_OfAnything_AllocatesNothing()
    {
        WordPieceTokenizer tokenizer = Published.Tokenizer();
        int[] ids = new int[128];
        string text = "UNwant\u00E9d, running 東京 \uD55C \U0001F642 [SEP] " + new string('x', 300);
        for (int i = 0; i < 100; i++)
            tokenizer.Encode(text, ids);
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (int i = 0; i < 1_000; i++)
                tokenizer.Encode(text, ids);
        }));
    }

    [Fact]
    public async Task Encode_OnManyThreads_YieldsTheSame()
    {
        WordPieceTokenizer tokenizer = Published.Tokenizer();
        int[][] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            int[] ids = new int[16];
            for (int i = 0; i < 500; i++)
                tokenizer.Encode("UNwant\u00E9d,running", ids);
            return ids;
        })));
        Assert.All(all, ids => Assert.Equal(all[0], ids));
    }
}
