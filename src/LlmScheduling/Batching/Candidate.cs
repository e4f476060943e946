namespace LlmScheduling;

/// <summary>A request that may get tokens in this step, in the order of its key and then of its id.</summary>
internal readonly record struct Candidate(PriorityKey Key, long Id, int Index) : IComparable<Candidate>
{
    public int CompareTo(Candidate other)
    {
        int order = Key.CompareTo(other.Key);
        return order != 0 ? order : Id.CompareTo(other.Id);
    }
}
