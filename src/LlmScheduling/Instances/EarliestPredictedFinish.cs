namespace LlmScheduling;

/// <summary>
/// Chooses the instance with room whose present work is predicted to end first; ties, also while no speed is known: more free
/// sequences, then the lowest index.
/// </summary>
public sealed class EarliestPredictedFinish : IInstanceAssignment
{
    /// <inheritdoc/>
    public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances)
    {
        int best = -1;
        for (int i = 0; i < instances.Length; i++)
        {
            if (instances[i].HasRoomFor(request) && (best < 0
                || (instances[i].PredictedIdleAt, -instances[i].FreeSequences).CompareTo((instances[best].PredictedIdleAt, -instances[best].FreeSequences)) < 0))
                best = i;
        }

        return best;
    }
}
