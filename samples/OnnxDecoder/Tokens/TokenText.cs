using System.Text;

namespace OnnxDecoder;

/// <summary>Turns an answer's bytes into text as they come: a character is told when its last byte is there, whatever tokens it is spread over.</summary>
internal sealed class TokenText
{
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();

    /// <param name="bytes">What the token adds.</param>
    /// <param name="isLast">Whether nothing follows: half a character then becomes U+FFFD.</param>
    public string Add(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var text = new char[_utf8.GetCharCount(bytes, isLast)];
        return new string(text, 0, _utf8.GetChars(bytes, text, isLast));
    }
}
