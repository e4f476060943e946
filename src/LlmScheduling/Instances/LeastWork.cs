namespace LlmScheduling;

/// <summary>Chooses the instance with room whose requests still need the least work by their predicted lengths; ties: the lowest index.</summary>
/// <remarks>Work that is NaN counts as more than any other.</remarks>
public sealed class LeastWork : IInstanceAssignment
{
    /// <inheritdoc/>
    public int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances)
    {
        int best = -1;
        double least = double.NaN;
        for (int i = 0; i < instances.Length; i++)
        {
            double work = instances[i].ExpectedWork;
            if (!instances[i].HasRoomFor(request) || (best >= 0 && !(work < least) && !(double.IsNaN(least) && !double.IsNaN(work))))
                continue;
            (best, least) = (i, work);
        }

        return best;
    }
}
