namespace LlmScheduling;

/// <summary>A running decode in the order in which decodes keep running: by rank, then by what is left of its answer.</summary>
internal readonly record struct PausableDecode(int Rank, double Left, long Id, long Context, int Index) : IComparable<PausableDecode>
{
    public const int MustRun = 0, Ahead = 1, PromisedNothing = 2, Lost = 3;

    public int CompareTo(PausableDecode other) =>
        Rank != other.Rank ? Rank.CompareTo(other.Rank)
        : Left != other.Left ? Left.CompareTo(other.Left)
        : Id.CompareTo(other.Id);
}
