namespace LlmScheduling;

/// <summary>Chooses the instance with room that has the most free sequences; ties: the lowest index. What a gate does without an assignment.</summary>
internal sealed class MostFreeSequences : IInstanceAssignment
{
    public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances)
    {
        int best = -1;
        for (int i = 0; i < instances.Length; i++)
        {
            if (instances[i].HasRoomFor(request) && (best < 0 || instances[i].FreeSequences > instances[best].FreeSequences))
                best = i;
        }

        return best;
    }
}
