namespace LlmScheduling;

/// <summary>What one pass over a step's keys finds out: faults, who waits, and whether any seat could be taken.</summary>
internal readonly record struct KeySummary(bool HasNaN, bool HasRefusals, int Waiting, int SmallestWaitingBand, int LargestRunningBand, int HeldRunning)
{
    public bool MayTakeSeats => Waiting > 0 && SmallestWaitingBand < LargestRunningBand;

    public static KeySummary Of(ReadOnlySpan<bool> isRunning, ReadOnlySpan<PriorityKey> keys)
    {
        bool nan = false, refusals = false;
        int waiting = 0, held = 0, smallest = int.MaxValue, largest = int.MinValue;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly PriorityKey key = ref keys[i];
            nan |= double.IsNaN(key.Score);
            if (isRunning[i])
            {
                if (key.IsHeld)
                    held++;
                else if (key.Band > largest)
                    largest = key.Band;
            }
            else if (!key.IsHeld)
            {
                waiting++;
                if (key.Band < smallest)
                    smallest = key.Band;
            }
            else
            {
                refusals |= key.Band == 1;
            }
        }

        return new(nan, refusals, waiting, smallest, largest, held);
    }
}
