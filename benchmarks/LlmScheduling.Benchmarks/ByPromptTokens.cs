namespace LlmScheduling.Benchmarks;

/// <summary>The order of <see cref="ShortestPromptFirst"/> for a prioritized channel.</summary>
internal sealed class ByPromptTokens : IComparer<InferenceRequest>
{
    public static ByPromptTokens Instance { get; } = new();

    public int Compare(InferenceRequest? x, InferenceRequest? y) => x!.PromptTokens.CompareTo(y!.PromptTokens);
}
