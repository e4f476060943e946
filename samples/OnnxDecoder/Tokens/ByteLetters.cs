namespace OnnxDecoder;

/// <summary>The letter by which vocabularies of GPT-2's kind write each byte: itself where it can be seen, one from U+0100 on otherwise (Radford et al., "Language Models are Unsupervised Multitask Learners", bytes_to_unicode).</summary>
internal static class ByteLetters
{
    private static readonly char[] Letters = Make();
    private static readonly Dictionary<char, byte> Bytes = Letters.Select((letter, value) => (letter, value)).ToDictionary(pair => pair.letter, pair => (byte)pair.value);

    public static char Of(byte value) => Letters[value];

    /// <summary>The bytes that a piece of the vocabulary stands for; null when it is not written so.</summary>
    public static byte[]? BytesOf(string piece)
    {
        var bytes = new byte[piece.Length];
        for (int i = 0; i < piece.Length; i++)
        {
            if (!Bytes.TryGetValue(piece[i], out bytes[i]))
                return null;
        }

        return bytes;
    }

    private static char[] Make()
    {
        var letters = new char[256];
        int unseen = 0;
        for (int value = 0; value < 256; value++)
            letters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)value : (char)(256 + unseen++);
        return letters;
    }
}
