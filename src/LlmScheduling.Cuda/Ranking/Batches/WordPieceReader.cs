namespace LlmScheduling;

/// <summary>The first word pieces of a prompt, at most <paramref name="most"/> with [CLS] and [SEP].</summary>
internal sealed class WordPieceReader(WordPieceTokenizer tokenizer, int most) : IPromptReader
{
    public void Read(ReadOnlySpan<char> prompt, PromptRow row) => row.Length = tokenizer.Encode(prompt, row.Ids.AsSpan(0, Math.Min(most, row.Ids.Length)));
}
