using System.Globalization;

namespace LlmScheduling;

/// <summary>
/// What remains of a lower-case character without its accents: its canonical decomposition (Unicode 14) less all nonspacing
/// marks. Read from a table of our own, since the platform decomposes nothing in globalization-invariant mode, and scores must
/// not depend on where they are computed.
/// </summary>
internal static class BaseLetters
{
    /// <summary>Most UTF-16 characters that one letter leaves: a musical note with its stem and its flag is three pairs.</summary>
    public const int MostCharacters = 6;

    private const int FirstSyllable = 0xAC00, Syllables = 11_172, Vowels = 21, Tails = 28, FirstLead = 0x1100, FirstVowel = 0x1161, BeforeFirstTail = 0x11A7;

    private static readonly Dictionary<int, string> Table = Read();

    /// <summary>Writes what remains of <paramref name="letter"/>, UTF-16, at most <see cref="MostCharacters"/>; answers how many.</summary>
    public static int Write(int letter, Span<char> text)
    {
        if (letter < 0xC0)
        {
            text[0] = (char)letter;
            return 1;
        }

        if ((uint)(letter - FirstSyllable) < Syllables)
            return WriteSyllable(letter - FirstSyllable, text);
        if (Table.TryGetValue(letter, out string? bases))
        {
            bases.CopyTo(text);
            return bases.Length;
        }

        return CharUnicodeInfo.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark ? 0 : CodePoints.Write(letter, text);
    }

    /// <summary>A Hangul syllable is made of its letters by rule (The Unicode Standard, 3.12).</summary>
    private static int WriteSyllable(int index, Span<char> text)
    {
        text[0] = (char)(FirstLead + index / (Vowels * Tails));
        text[1] = (char)(FirstVowel + index % (Vowels * Tails) / Tails);
        int tail = index % Tails;
        if (tail == 0)
            return 2;
        text[2] = (char)(BeforeFirstTail + tail);
        return 3;
    }

    private static Dictionary<int, string> Read()
    {
        var table = new Dictionary<int, string>();
        using Stream stream = typeof(BaseLetters).Assembly.GetManifestResourceStream("BaseLetters.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            string[] points = line.Split(' ');
            table.Add(Point(points[0]), string.Concat(points.Skip(1).Select(point => char.ConvertFromUtf32(Point(point)))));
        }

        return table;
    }

    private static int Point(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
