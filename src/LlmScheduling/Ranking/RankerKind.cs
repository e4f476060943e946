namespace LlmScheduling;

/// <summary>What a <see cref="PromptFeatureRanker"/> scores by.</summary>
public enum RankerKind
{
    /// <summary>Words and shape of the prompt, learnt.</summary>
    Learned,

    /// <summary>Only the prompt's shape, such as its length, lines and digits, learnt: for few rows, or prompts of one template.</summary>
    LearnedShape,

    /// <summary>The prompt's length: a longer prompt has a longer answer.</summary>
    PromptLength,

    /// <summary>The prompt's length reversed: a longer prompt has a shorter answer.</summary>
    ReversedPromptLength,
}
