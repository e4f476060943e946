using System.Globalization;

namespace LlmScheduling;

/// <summary>The classes of characters of BERT's basic tokenizer (google-research/bert, tokenization.py; all of Unicode's "Other" is dropped, as in Hugging Face's).</summary>
internal static class BertCharacters
{
    private const int Replacement = 0xFFFD;

    /// <summary>What happens to a character of the text as it came.</summary>
    public static CharacterKind KindOf(int letter)
    {
        if (letter < 0x80)
        {
            return letter switch
            {
                ' ' or '\t' or '\n' or '\r' => CharacterKind.Blank,
                < ' ' or 0x7F => CharacterKind.Nothing,
                _ => char.IsAsciiLetterOrDigit((char)letter) ? CharacterKind.Letter : CharacterKind.Alone,
            };
        }

        if (letter == Replacement)
            return CharacterKind.Nothing;
        return CharUnicodeInfo.GetUnicodeCategory(letter) switch
        {
            UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => CharacterKind.Blank,
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => CharacterKind.Nothing,
            UnicodeCategory category => IsPunctuation(category) || IsIdeograph(letter) ? CharacterKind.Alone : CharacterKind.Letter,
        };
    }

    /// <summary>Whether it is a word of its own. All of ASCII that is neither letter nor digit counts, with what Unicode calls symbols.</summary>
    public static bool IsPunctuation(int letter) =>
        letter < 0x80 ? letter > ' ' && letter != 0x7F && !char.IsAsciiLetterOrDigit((char)letter) : IsPunctuation(CharUnicodeInfo.GetUnicodeCategory(letter));

    /// <summary>The CJK blocks of ideographs; not Hangul, hiragana or katakana, whose words are written with blanks or stay whole.</summary>
    private static bool IsIdeograph(int letter) => letter is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private static bool IsPunctuation(UnicodeCategory category) => category is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;
}
