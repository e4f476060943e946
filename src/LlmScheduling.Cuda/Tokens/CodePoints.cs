using System.Text;

namespace LlmScheduling;

/// <summary>UTF-16 by code points; half a surrogate pair is a code point of its own.</summary>
internal static class CodePoints
{
    /// <summary>The code point at <paramref name="at"/>, which moves past it.</summary>
    public static int Next(ReadOnlySpan<char> text, ref int at)
    {
        char first = text[at++];
        if (!char.IsHighSurrogate(first) || at == text.Length || !char.IsLowSurrogate(text[at]))
            return first;
        return char.ConvertToUtf32(first, text[at++]);
    }

    /// <summary>Writes one code point that is no lone surrogate; answers how many characters it took.</summary>
    public static int Write(int point, Span<char> text) => new Rune(point).EncodeToUtf16(text);
}
