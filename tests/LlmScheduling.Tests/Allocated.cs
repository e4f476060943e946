namespace LlmScheduling.Tests;

/// <summary>What code allocates on its thread.</summary>
internal static class Allocated
{
    private const int Rounds = 4;

    /// <summary>The fewest bytes of several rounds: the runtime may add its own to one of them, and code that allocates does so in each.</summary>
    public static long Least(Action round)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
