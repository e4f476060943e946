using System.Text;
using System.Text.RegularExpressions;

namespace OnnxDecoder;

/// <summary>
/// Turns text into tokens and back as byte-level BPE does (GPT-2, Llama 3, Qwen): special tokens are cut out, the rest is split
/// into words by an expression, and the bytes of each word are merged. Any thread.
/// </summary>
/// <remarks>Text is taken as it comes, not brought into Unicode's form NFC; expressions see letters outside the basic plane as symbols.</remarks>
internal sealed class BytePairTokenizer
{
    private readonly BytePairVocabulary _vocabulary;
    private readonly Regex? _specials;
    private readonly int[] _byteTokens = new int[256];

    public BytePairTokenizer(BytePairVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        // The longest first, where one begins like another.
        IEnumerable<string> specials = vocabulary.Specials.Keys.OrderByDescending(text => text.Length).Select(Regex.Escape);
        _specials = vocabulary.Specials.Count > 0 ? new Regex(string.Join('|', specials), RegexOptions.CultureInvariant) : null;
        for (int value = 0; value < 256; value++)
            _byteTokens[value] = vocabulary.Ids[ByteLetters.Of((byte)value).ToString()];
    }

    /// <summary>One more than the largest token.</summary>
    public int Count => _vocabulary.Bytes.Length;

    /// <summary>The token that is written so; null when there is none.</summary>
    public int? IdOf(string text) => _vocabulary.Specials.TryGetValue(text, out int id) || _vocabulary.Ids.TryGetValue(text, out id) ? id : null;

    /// <summary>The bytes that a token adds to an answer; special tokens add none.</summary>
    public ReadOnlySpan<byte> BytesOf(int token) => token < _vocabulary.Bytes.Length ? _vocabulary.Bytes[token] : [];

    /// <summary>The tokens of a text, with those before it that the model expects at the beginning of every prompt.</summary>
    public List<int> Encode(string text)
    {
        List<int> tokens = [];
        var list = new MergeList(_vocabulary.Merges);
        int from = 0;
        if (_specials is not null)
        {
            foreach (ValueMatch special in _specials.EnumerateMatches(text))
            {
                AddWords(text[from..special.Index], 0, list, tokens);
                tokens.Add(_vocabulary.Specials[text.Substring(special.Index, special.Length)]);
                from = special.Index + special.Length;
            }
        }

        AddWords(text[from..], 0, list, tokens);
        if (tokens.Count > 0 && !tokens.Take(_vocabulary.Prefix.Count).SequenceEqual(_vocabulary.Prefix))
            tokens.InsertRange(0, _vocabulary.Prefix);
        return tokens;
    }

    /// <summary>Splits by one expression after the other; what lies between two matches is a word, too.</summary>
    private void AddWords(string text, int level, MergeList list, List<int> tokens)
    {
        if (text.Length == 0)
            return;
        if (level == _vocabulary.WordExpressions.Count)
        {
            AddWord(text, list, tokens);
            return;
        }

        int from = 0;
        foreach (ValueMatch word in _vocabulary.WordExpressions[level].EnumerateMatches(text))
        {
            AddWords(text[from..word.Index], level + 1, list, tokens);
            AddWords(text.Substring(word.Index, word.Length), level + 1, list, tokens);
            from = word.Index + word.Length;
        }

        AddWords(text[from..], level + 1, list, tokens);
    }

    private void AddWord(string word, MergeList list, List<int> tokens)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(word);
        if (_vocabulary.WholeWordsFirst && _vocabulary.Ids.TryGetValue(string.Concat(bytes.Select(ByteLetters.Of)), out int whole))
            tokens.Add(whole);
        else
            list.Merge([.. bytes.Select(value => _byteTokens[value])], tokens);
    }
}
