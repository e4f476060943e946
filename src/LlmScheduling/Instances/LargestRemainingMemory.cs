namespace LlmScheduling;

/// <summary>Chooses the instance with room that has the most free tokens, which stand for free KV memory; ties: more free sequences, then the lowest index.</summary>
public sealed class LargestRemainingMemory : IInstanceAssignment
{
    /// <inheritdoc/>
    public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances)
    {
        int best = -1;
        for (int i = 0; i < instances.Length; i++)
        {
            if (instances[i].HasRoomFor(request) && (best < 0
                || (instances[i].FreeTokens, instances[i].FreeSequences).CompareTo((instances[best].FreeTokens, instances[best].FreeSequences)) > 0))
                best = i;
        }

        return best;
    }
}
