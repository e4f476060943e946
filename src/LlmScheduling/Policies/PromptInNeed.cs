namespace LlmScheduling;

/// <summary>A waiting prompt that can still keep its promise, in key order.</summary>
internal readonly record struct PromptInNeed(PriorityKey Key, long Id, int Tokens, long Context, double Due) : IComparable<PromptInNeed>
{
    public int CompareTo(PromptInNeed other)
    {
        int order = Key.CompareTo(other.Key);
        return order != 0 ? order : Id.CompareTo(other.Id);
    }
}
