using System.Runtime.CompilerServices;

namespace LlmScheduling;

/// <summary>
/// Cuts a prompt into tokens and counts what stands in it, in one pass: a run of letters is a token whatever its case, a run of
/// digits is one (by its value up to two digits, else by its length), and so is every other visible character, every
/// ideograph and every run of line ends.
/// </summary>
/// <remarks>
/// Of more than <see cref="MostCharacters"/> characters the first and the last half of that many are read; of more than
/// <see cref="MostTokens"/> tokens the first and the last half are kept. Not thread-safe; allocates nothing after construction.
/// </remarks>
internal sealed class PromptText
{
    public const int MostCharacters = 8_000, MostTokens = 400;

    private const uint HashStart = 2_166_136_261, HashFactor = 16_777_619;
    private const char FirstIdeograph = '\u2e80';

    private readonly uint[] _tokens = new uint[MostCharacters];
    private readonly int[] _counts = new int[(int)CharacterCount.Last + 1];
    private int _tokenCount;

    /// <summary>Hashes of the tokens that are kept, in order.</summary>
    public ReadOnlySpan<uint> Tokens => _tokens.AsSpan(0, _tokenCount);

    /// <summary>Characters of the whole prompt.</summary>
    public int Length { get; private set; }

    /// <summary>Letters of the longest word.</summary>
    public int LongestWord { get; private set; }

    /// <summary>The first number from 2 to 99; 0 where there is none.</summary>
    public int FirstSmallNumber { get; private set; }

    /// <summary>Characters after the last line end.</summary>
    public int LastLine { get; private set; }

    /// <summary>The last visible character; 0 in an empty prompt.</summary>
    public char LastVisible { get; private set; }

    public int this[CharacterCount count] => _counts[(int)count];

    public void Read(ReadOnlySpan<char> prompt)
    {
        Array.Clear(_counts);
        (_tokenCount, Length, LongestWord, FirstSmallNumber, LastLine, LastVisible) = (0, prompt.Length, 0, 0, 0, '\0');
        if (prompt.Length <= MostCharacters)
        {
            Scan(prompt);
        }
        else
        {
            Scan(prompt[..(MostCharacters / 2)]);
            Scan(prompt[^(MostCharacters / 2)..]);
        }

        if (_tokenCount > MostTokens)
        {
            _tokens.AsSpan(_tokenCount - MostTokens / 2, MostTokens / 2).CopyTo(_tokens.AsSpan(MostTokens / 2));
            _tokenCount = MostTokens;
        }
    }

    private void Scan(ReadOnlySpan<char> text)
    {
        int at = 0;
        while (at < text.Length)
        {
            char letter = text[at];
            if (IsWordLetter(letter))
                at = Word(text, at);
            else if (char.IsAsciiDigit(letter))
                at = Number(text, at);
            else if (letter is '\n' or '\r')
                at = LineEnds(text, at);
            else if (char.IsWhiteSpace(letter))
                at++;
            else
                at = Symbol(text, at);
        }
    }

    private int Word(ReadOnlySpan<char> text, int at)
    {
        int start = at;
        uint hash = HashStart;
        for (; at < text.Length && IsWordLetter(text[at]); at++)
        {
            char letter = text[at];
            if (letter < 0x80)
            {
                _counts[(int)CharacterCount.Capitals] += letter < 'a' ? 1 : 0;
                letter |= ' ';
            }
            else
            {
                _counts[(int)CharacterCount.NonAscii]++;
                letter = char.ToLowerInvariant(letter);
            }

            hash = (hash ^ letter) * HashFactor;
        }

        int length = at - start;
        LongestWord = Math.Max(LongestWord, length);
        Count(CharacterCount.Words);
        _counts[(int)CharacterCount.Letters] += length;
        LastVisible = text[at - 1];
        Add(hash);
        return at;
    }

    private int Number(ReadOnlySpan<char> text, int at)
    {
        int start = at, value = 0;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
            value = Math.Min(1_000, value * 10 + text[at] - '0');
        int length = at - start;
        if (FirstSmallNumber == 0 && value is >= 2 and <= 99)
            FirstSmallNumber = value;
        Count(CharacterCount.Numbers);
        _counts[(int)CharacterCount.Digits] += length;
        LastVisible = text[at - 1];
        Add(length <= 2 ? 0x4E00_0000 + (uint)value : 0x4C00_0000 + (uint)Math.Min(length, 8));
        return at;
    }

    private int LineEnds(ReadOnlySpan<char> text, int at)
    {
        for (; at < text.Length && text[at] is '\n' or '\r'; at++)
            _counts[(int)CharacterCount.Lines] += text[at] == '\n' ? 1 : 0;
        LastLine = text.Length - at;
        Add('\n');
        return at;
    }

    private int Symbol(ReadOnlySpan<char> text, int at)
    {
        char symbol = text[at];
        LastVisible = symbol;
        if (symbol < 0x80)
        {
            Count(CharacterCount.Punctuation);
            Count(KindOf(symbol));
            Add(symbol);
            return at + 1;
        }

        Count(CharacterCount.NonAscii);
        Count(symbol == '？' ? CharacterCount.Questions : CharacterCount.Punctuation);
        if (char.IsHighSurrogate(symbol) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            Add((uint)char.ConvertToUtf32(symbol, text[at + 1]));
            return at + 2;
        }

        Add(symbol);
        return at + 1;
    }

    private static CharacterCount KindOf(char symbol) => symbol switch
    {
        '?' => CharacterCount.Questions,
        '{' or '}' or '(' or ')' or '[' or ']' or ';' or '<' or '>' or '_' or '`' or '|' => CharacterCount.Code,
        '+' or '*' or '=' or '^' or '$' or '\\' or '/' or '%' => CharacterCount.Formula,
        '"' or '\'' => CharacterCount.Quotes,
        ',' => CharacterCount.Commas,
        ':' => CharacterCount.Colons,
        _ => CharacterCount.OtherMarks,
    };

    private void Count(CharacterCount kind) => _counts[(int)kind]++;

    private void Add(uint hash) => _tokens[_tokenCount++] = hash;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsWordLetter(char letter) =>
        letter < 0x80 ? (uint)((letter | ' ') - 'a') <= 'z' - 'a' : letter < FirstIdeograph && char.IsLetter(letter);
}
