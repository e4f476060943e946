using System.Text;

namespace LlmScheduling;

/// <summary>
/// Splits text into the word pieces of a BERT vocabulary: words end at blanks, punctuation and ideographs, and each is cut
/// greedily into the longest pieces that the vocabulary has (BERT, arXiv 1810.04805; google-research/bert, tokenization.py).
/// </summary>
/// <remarks>
/// <para>
/// Control, format, private and unassigned characters are dropped; with lower-casing, accents are too. A word that cannot be
/// cut, or has more than 100 characters, is [UNK]. Special pieces written in a text, such as "[SEP]", are
/// ordinary characters here: a prompt cannot end itself.
/// </para>
/// <para>Immutable; any thread. Encoding allocates nothing, and stops reading when the room is full.</para>
/// </remarks>
public sealed class WordPieceTokenizer
{
    private readonly WordPieceVocabulary _vocabulary;

    private WordPieceTokenizer(WordPieceVocabulary vocabulary, bool lowerCase) => (_vocabulary, LowerCase) = (vocabulary, lowerCase);

    /// <summary>Whether text is lower-cased and accents are dropped before it is split, as uncased models want.</summary>
    public bool LowerCase { get; }

    /// <summary>How many word pieces there are.</summary>
    public int VocabularySize => _vocabulary.Count;

    /// <summary>The number of [PAD], which fills the room behind a text's pieces.</summary>
    public int PaddingId => _vocabulary.Padding;

    /// <summary>The number of [CLS], the first of every encoded text.</summary>
    public int ClassifyId => _vocabulary.Classify;

    /// <summary>The number of [SEP], the last of every encoded text.</summary>
    public int SeparatorId => _vocabulary.Separator;

    /// <summary>The number of [UNK], for words that the vocabulary cannot spell.</summary>
    public int UnknownId => _vocabulary.Unknown;

    /// <summary>Reads a vocab.txt: UTF-8, one word piece a line, its number the line's.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lowerCase">True for uncased models, false for cased ones.</param>
    /// <exception cref="InputException">There is no such file, it is not UTF-8, has an empty or repeated line, or lacks [PAD], [UNK], [CLS] or [SEP]; the message says which.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static WordPieceTokenizer Read(string path, bool lowerCase = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new InputException(path, null, null, "no file", "the vocab.txt that the model was trained with");
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path, lowerCase);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">What a vocab.txt holds.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="lowerCase">True for uncased models, false for cased ones.</param>
    /// <exception cref="InputException">It is not UTF-8, has an empty or repeated line, or lacks [PAD], [UNK], [CLS] or [SEP]; the message says which.</exception>
    public static WordPieceTokenizer Read(Stream stream, string name, bool lowerCase = true)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return new WordPieceTokenizer(new WordPieceVocabulary(stream, name), lowerCase);
    }

    /// <summary>Writes [CLS], the pieces of <paramref name="text"/> as far as they fit, and [SEP].</summary>
    /// <param name="text">What to encode.</param>
    /// <param name="ids">Room for the numbers of the pieces, with [CLS] and [SEP]; 128 is what PARS uses.</param>
    /// <returns>How many numbers there are; what is behind them means nothing.</returns>
    /// <exception cref="ArgumentException"><paramref name="ids"/> has room for fewer than 2.</exception>
    public int Encode(ReadOnlySpan<char> text, Span<int> ids)
    {
        if (ids.Length < 2)
            throw new ArgumentException("There must be room for [CLS] and [SEP].", nameof(ids));
        ids[0] = _vocabulary.Classify;
        int count = 1 + Split(text, ids[1..^1]);
        ids[count] = _vocabulary.Separator;
        return count + 1;
    }

    private int Split(ReadOnlySpan<char> text, Span<int> ids)
    {
        Span<char> normalised = stackalloc char[BaseLetters.MostCharacters];
        var word = new WordBuffer(stackalloc char[2 * WordBuffer.MostCodePoints]);
        int count = 0;
        for (int at = 0; at < text.Length && count < ids.Length;)
        {
            int letter = CodePoints.Next(text, ref at);
            CharacterKind kind = BertCharacters.KindOf(letter);
            if (kind == CharacterKind.Nothing)
                continue;
            if (kind != CharacterKind.Letter)
                count = End(ref word, ids, count);
            if (kind == CharacterKind.Blank)
                continue;
            int length = Normalise(letter, normalised);
            // Decomposition can yield punctuation, and more than one character.
            for (int part = 0; part < length;)
            {
                int codePoint = CodePoints.Next(normalised[..length], ref part);
                bool isPunctuation = BertCharacters.IsPunctuation(codePoint);
                if (isPunctuation)
                    count = End(ref word, ids, count);
                word.Append(codePoint);
                if (isPunctuation)
                    count = End(ref word, ids, count);
            }

            if (kind == CharacterKind.Alone)
                count = End(ref word, ids, count);
        }

        return End(ref word, ids, count);
    }

    private int Normalise(int letter, Span<char> normalised)
    {
        if (!LowerCase)
            return CodePoints.Write(letter, normalised);
        // The one letter whose lower case is two characters; the second is an accent.
        int lower = letter == 'İ' ? 'i' : letter < 0x1_0000 ? char.ToLowerInvariant((char)letter) : Rune.ToLowerInvariant(new Rune(letter)).Value;
        return BaseLetters.Write(lower, normalised);
    }

    /// <summary>Cuts the word into pieces, writes as many as fit, and empties it.</summary>
    private int End(ref WordBuffer word, Span<int> ids, int count)
    {
        if (word.IsEmpty)
            return count;
        int after = word.IsTooLong ? -1 : Cut(word.Characters, ids, count);
        word.Clear();
        if (after >= 0)
            return after;
        if (count < ids.Length)
            ids[count++] = _vocabulary.Unknown;
        return count;
    }

    /// <summary>How many numbers there are with those of the word; -1 when the vocabulary cannot spell it.</summary>
    private int Cut(ReadOnlySpan<char> word, Span<int> ids, int count)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> pieces = _vocabulary.Starts;
        for (int start = 0; start < word.Length;)
        {
            int end = Math.Min(word.Length, start + _vocabulary.LongestPiece), id = 0;
            while (end > start && !pieces.TryGetValue(word[start..end], out id))
                end--;
            if (end == start)
                return -1;
            // What does not fit is still cut: a word that cannot be spelt to its end is unknown as a whole.
            if (count < ids.Length)
                ids[count++] = id;
            start = end;
            pieces = _vocabulary.Continuations;
        }

        return count;
    }
}
