using System.Text;

namespace LlmScheduling.Cuda.Tests;

public sealed class WordPieceVocabularyTests
{
    private const string Specials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";

    [Fact]
    public void Read_NumbersAreThoseOfTheLines()
    {
        WordPieceTokenizer tokenizer = Vocabulary.Read("a\n[SEP]\n[PAD]\n##b\n[CLS]\n[UNK]\n");
        Assert.Equal((6, 1, 2, 4, 5), (tokenizer.VocabularySize, tokenizer.SeparatorId, tokenizer.PaddingId, tokenizer.ClassifyId, tokenizer.UnknownId));
        int[] ids = new int[4];
        Assert.Equal(4, tokenizer.Encode("ab", ids));
        Assert.Equal([4, 0, 3, 1], ids);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    public void Read_WithOrWithoutALastLineFeed_CountsTheSame(string end) => Assert.Equal(5, Vocabulary.Read(Specials + "a" + end).VocabularySize);

    [Fact]
    public void Read_OfWindowsLineEndsAndAByteOrderMark_IsTheSame()
    {
        WordPieceTokenizer tokenizer = Vocabulary.Read("\uFEFF" + (Specials + "a\n").Replace("\n", "\r\n", StringComparison.Ordinal));
        int[] ids = new int[3];
        tokenizer.Encode("a", ids);
        Assert.Equal([2, 4, 3], ids);
    }

    [Fact]
    public void Read_OfOtherLineSeparatorsAsPieces_KeepsTheNumbers() => Assert.Equal(7, Vocabulary.Read(Specials + "\u2028\n\u0085\na\n").VocabularySize);

    [Theory]
    [InlineData(Specials + "a\n\nb\n", "vocab.txt:6: found an empty line")]
    [InlineData(Specials + "a\nb\na\n", "vocab.txt:7: found 'a' for the second time")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\na\n", "vocab.txt: found no line [SEP]")]
    [InlineData("{\n  \"model\": {}\n}\n", "not a tokenizer.json")]
    [InlineData("", "found an empty line")]
    public void Read_OfNoVocabulary_SaysWhere(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<InputException>(() => Vocabulary.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_OfOtherBytes_SaysSo() =>
        Assert.Contains("no UTF-8", Assert.Throws<InputException>(() => Vocabulary.Read([.. Encoding.UTF8.GetBytes(Specials), 0xFF, 0xFE])).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_OfNoFile_NamesIt()
    {
        string path = Path.Combine(Path.GetTempPath(), "no-such-folder", "vocab.txt");
        Assert.StartsWith(path + ": found no file", Assert.Throws<InputException>(() => WordPieceTokenizer.Read(path)).Message, StringComparison.Ordinal);
    }
}
