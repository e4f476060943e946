namespace LlmScheduling;

/// <summary>Which prompts a ranker is validated on.</summary>
public enum RankerSplit
{
    /// <summary>Every prompt once: each quarter, chosen by a hash of the prompt, by a ranker that learnt from the other three.</summary>
    Hash,

    /// <summary>The newest fifth, by a ranker that learnt from what came before: how it will do tomorrow.</summary>
    Time,
}
