namespace LlmScheduling;

/// <summary>A waiting request in the order of arrival.</summary>
internal readonly record struct OldestFirst(long ArrivedAt, long Id, int Index) : IComparable<OldestFirst>
{
    public int CompareTo(OldestFirst other)
    {
        int order = ArrivedAt.CompareTo(other.ArrivedAt);
        return order != 0 ? order : Id.CompareTo(other.Id);
    }
}
