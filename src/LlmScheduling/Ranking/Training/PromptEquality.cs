namespace LlmScheduling;

/// <summary>Two prompts are one when they are the same character by character. The hash is the same in every process.</summary>
internal sealed class PromptEquality : IEqualityComparer<ReadOnlyMemory<char>>
{
    public static PromptEquality Instance { get; } = new();

    public bool Equals(ReadOnlyMemory<char> one, ReadOnlyMemory<char> other) => one.Span.SequenceEqual(other.Span);

    public int GetHashCode(ReadOnlyMemory<char> prompt) => (int)StableHash(prompt.Span);

    public static ulong StableHash(ReadOnlySpan<char> prompt)
    {
        // FNV-1a, and StepSeed's mixing so that every bit counts.
        ulong hash = 14_695_981_039_346_656_037;
        foreach (char letter in prompt)
            hash = (hash ^ letter) * 1_099_511_628_211;
        return StepSeed.Of(hash, prompt.Length);
    }
}
