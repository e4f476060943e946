namespace LlmScheduling;

/// <summary>Chooses the instance with room that was chosen longest ago, one never chosen first; ties: the lowest index.</summary>
public sealed class RoundRobin : IInstanceAssignment
{
    /// <inheritdoc/>
    public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances)
    {
        int best = -1;
        for (int i = 0; i < instances.Length; i++)
        {
            if (instances[i].HasRoomFor(request) && (best < 0 || instances[i].LastChosen < instances[best].LastChosen))
                best = i;
        }

        return best;
    }
}
