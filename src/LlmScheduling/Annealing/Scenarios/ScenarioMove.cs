namespace LlmScheduling;

/// <summary>
/// What one move does: either two batches, <see cref="First"/> before <see cref="Second"/>, share out their jobs anew, or the batches
/// from <see cref="First"/> up to <see cref="Second"/> change places with those from there up to <see cref="End"/>.
/// </summary>
internal struct ScenarioMove
{
    public int First, Second;

    /// <summary>Above 0 for runs of batches that change places, else 0.</summary>
    public int End;

    /// <summary>Whether the batch comes into being before the one of its number.</summary>
    public bool IsFirstNew, IsSecondNew;

    /// <summary>Positions of jobs that go to the other of the two batches; -1 for none.</summary>
    public int Flip, OtherFlip;

    /// <summary>From 0: jobs of a higher rank go to the second batch, the others to the first, wherever they are. -1: flips decide.</summary>
    public int Pivot;

    /// <summary>How many jobs the two batches then have; a batch without jobs vanishes.</summary>
    public int FirstCount, SecondCount;

    public readonly bool IsExchange => End > 0;

    /// <summary>The first batch behind the first that changes.</summary>
    public readonly int FirstEnd => IsFirstNew ? First : First + 1;

    /// <summary>The first batch behind the second that changes.</summary>
    public readonly int After => IsSecondNew ? Second : Second + 1;

    /// <summary>Which batches start later or earlier without changing: by the first shift, and by the other.</summary>
    public readonly (int From, int Until, int OtherFrom, int OtherUntil) Shifted(int batches) =>
        IsExchange ? (First, Second, Second, End) : (FirstEnd, Second, After, batches);
}
