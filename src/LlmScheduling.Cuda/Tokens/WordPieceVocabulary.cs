using System.Text;

namespace LlmScheduling;

/// <summary>The word pieces of a vocab.txt: one a line, UTF-8, its number the line's, counted from 0; pieces that go on within a word begin with ##.</summary>
internal sealed class WordPieceVocabulary
{
    private const string Continuation = "##";
    private const int MostPieces = 4_000_000;

    private readonly Dictionary<string, int> _starts = new(StringComparer.Ordinal), _continuations = new(StringComparer.Ordinal);

    /// <exception cref="InputException">It is empty, not UTF-8, has an empty or repeated line, or lacks a special piece.</exception>
    public WordPieceVocabulary(Stream stream, string name)
    {
        ReadOnlySpan<char> text = Text(stream, name);
        if (text.Length > 0 && text[0] == '\uFEFF')
            text = text[1..];
        if (text.Length > 0 && text[^1] == '\n')
            text = text[..^1];
        // Only line feeds end a line: a vocabulary may hold other line separators as pieces.
        foreach (Range line in text.Split('\n'))
            Add(text[line].TrimEnd('\r'), name);
        (Unknown, Classify, Separator, Padding) = (Special("[UNK]", name), Special("[CLS]", name), Special("[SEP]", name), Special("[PAD]", name));
        Starts = _starts.GetAlternateLookup<ReadOnlySpan<char>>();
        Continuations = _continuations.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count { get; private set; }

    /// <summary>Characters of the longest piece, without ##.</summary>
    public int LongestPiece { get; private set; }

    public int Unknown { get; }

    public int Classify { get; }

    public int Separator { get; }

    public int Padding { get; }

    /// <summary>Pieces that begin a word.</summary>
    public Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Starts { get; }

    /// <summary>Pieces within a word, without ##.</summary>
    public Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Continuations { get; }

    private void Add(ReadOnlySpan<char> piece, string name)
    {
        if (piece.IsEmpty)
            throw new InputException(name, Count + 1, null, "an empty line", "one word piece a line; an empty line would shift the numbers of all that follow");
        if (Count == MostPieces)
            throw new InputException(name, Count + 1, null, "one more word piece", $"at most {MostPieces}");
        bool continues = piece.Length > Continuation.Length && piece.StartsWith(Continuation, StringComparison.Ordinal);
        string written = (continues ? piece[Continuation.Length..] : piece).ToString();
        if (!(continues ? _continuations : _starts).TryAdd(written, Count))
            throw new InputException(name, Count + 1, null, $"'{piece}' for the second time", "every word piece once");
        LongestPiece = Math.Max(LongestPiece, written.Length);
        Count++;
    }

    private int Special(string piece, string name) =>
        _starts.TryGetValue(piece, out int number) ? number : throw new InputException(name, null, null, $"no line {piece}", "a BERT vocabulary (vocab.txt) with [PAD], [UNK], [CLS] and [SEP], not a tokenizer.json, merges file or sentencepiece model");

    private static string Text(Stream stream, string name)
    {
        try
        {
            using var reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, leaveOpen: true);
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            throw new InputException(name, null, null, "bytes that are no UTF-8", "a BERT vocabulary (vocab.txt) in UTF-8");
        }
    }
}
