namespace LlmScheduling.Cuda.Tests;

/// <summary>Reads a prompt letter by letter.</summary>
internal sealed class LetterReader : IPromptReader
{
    public void Read(ReadOnlySpan<char> prompt, PromptRow row)
    {
        row.Length = prompt.Length;
        for (int i = 0; i < prompt.Length; i++)
            row.Ids[i] = prompt[i];
    }
}
