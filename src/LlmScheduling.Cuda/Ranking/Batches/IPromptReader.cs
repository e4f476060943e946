namespace LlmScheduling;

/// <summary>Turns prompts into rows of numbers.</summary>
internal interface IPromptReader
{
    /// <summary>Reads a prompt. Any thread.</summary>
    void Read(ReadOnlySpan<char> prompt, PromptRow row);
}
