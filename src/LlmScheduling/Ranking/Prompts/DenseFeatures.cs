namespace LlmScheduling;

/// <summary>The numbers that describe a prompt's size and make-up, each of the order of 1.</summary>
internal static class DenseFeatures
{
    /// <summary>How many there are.</summary>
    public const int Count = 26;

    /// <summary>The one that grows with the prompt's length in characters and with nothing else.</summary>
    public const int LogLength = 0;

    /// <summary>Writes the features of what <paramref name="text"/> has read.</summary>
    public static void Write(PromptText text, Span<float> features)
    {
        double length = Log(text.Length) / 4, words = Log(text[CharacterCount.Words]) / 4, lines = Log(text[CharacterCount.Lines]) / 2;
        double read = Math.Max(1, Math.Min(text.Length, PromptText.MostCharacters));
        double smallNumber = Log(text.FirstSmallNumber) / 2;
        features[LogLength] = (float)length;
        features[1] = (float)(length * length);
        features[2] = (float)words;
        features[3] = (float)(words * words);
        features[4] = (float)lines;
        features[5] = text[CharacterCount.Lines] > 0 ? 1 : 0;
        features[6] = (float)(4 * text[CharacterCount.Digits] / read);
        features[7] = (float)(4 * text[CharacterCount.Punctuation] / read);
        features[8] = (float)(4 * text[CharacterCount.Capitals] / read);
        features[9] = (float)(text[CharacterCount.NonAscii] / read);
        features[10] = (float)Log(text[CharacterCount.Questions]);
        features[11] = text.LastVisible is '?' or '？' ? 1 : 0;
        features[12] = (float)(Log(text[CharacterCount.Code]) / 2);
        features[13] = (float)(Log(text[CharacterCount.Numbers]) / 2);
        features[14] = (float)smallNumber;
        features[15] = (float)(smallNumber * smallNumber);
        features[16] = (float)(Log(text[CharacterCount.Quotes]) / 2);
        features[17] = (float)(Log(text[CharacterCount.Formula]) / 2);
        features[18] = (float)(Log(text[CharacterCount.Commas]) / 2);
        features[19] = (float)(Log(text[CharacterCount.Colons]) / 2);
        features[20] = (float)(Log(text.LastLine) / 4);
        features[21] = (float)(Log(text.LongestWord) / 3);
        features[22] = (float)(text[CharacterCount.Letters] / (8.0 * Math.Max(1, text[CharacterCount.Words])));
        features[23] = text.LastVisible is '.' or '!' or '。' ? 1 : 0;
        features[24] = Math.Min(text.Length, 2_000) / 500f;
        features[25] = Math.Min(text.LastLine, 400) / 100f;
    }

    private static double Log(int count) => count == 0 ? 0 : PortableMath.Log(1.0 + count);
}
