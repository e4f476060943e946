using System.Text;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Tokenizers of vocabularies that the tests write themselves.</summary>
internal sealed class Vocabulary
{
    private readonly string[] _pieces;

    public Vocabulary(params string[] pieces) => _pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", .. pieces];

    public string Text => string.Concat(_pieces.Select(piece => piece + "\n"));

    public WordPieceTokenizer Tokenizer(bool lowerCase = true) => Read(Text, lowerCase);

    public static WordPieceTokenizer Read(string text, bool lowerCase = true) => Read(Encoding.UTF8.GetBytes(text), lowerCase);

    public static WordPieceTokenizer Read(byte[] bytes, bool lowerCase = true) => WordPieceTokenizer.Read(new MemoryStream(bytes), "vocab.txt", lowerCase);

    /// <summary>The pieces of a text, without [CLS] and [SEP].</summary>
    public string[] Split(string text, bool lowerCase = true, int room = 512)
    {
        int[] ids = new int[room];
        WordPieceTokenizer tokenizer = Tokenizer(lowerCase);
        int count = tokenizer.Encode(text, ids);
        Assert.Equal(tokenizer.ClassifyId, ids[0]);
        Assert.Equal(tokenizer.SeparatorId, ids[count - 1]);
        return [.. ids[1..(count - 1)].Select(id => _pieces[id])];
    }
}
