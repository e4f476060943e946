using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

internal sealed class PermutationInvariant() : SnapshotLaw("OrderOfTheTableDoesNotMatter", "Requests and tenants stand in no particular order: shuffling them changes nothing.")
{
    public override string? ViolationIn(SnapshotCase snapshot, ISchedulingPolicy policy, PolicyPromises promises)
    {
        Decision before = DecisionOf(snapshot, policy);
        SnapshotCase reversed = snapshot with { Requests = [.. snapshot.Requests.Reverse()] };
        SnapshotCase shuffled = snapshot with { Requests = Shuffled(snapshot.Requests, snapshot.Seed) };
        return Different("Reversing the requests", before, DecisionOf(reversed, policy))
            ?? Different("Shuffling the requests", before, DecisionOf(shuffled, policy))
            ?? Different("Numbering the tenants the other way round", before, DecisionOf(WithTenantsReversed(snapshot), policy));
    }

    private static RequestView[] Shuffled(IReadOnlyList<RequestView> requests, ulong seed)
    {
        var random = new SeededRandom(seed);
        RequestView[] shuffled = [.. requests];
        for (int i = shuffled.Length - 1; i > 0; i--)
        {
            int other = random.NextBelow(i + 1);
            (shuffled[i], shuffled[other]) = (shuffled[other], shuffled[i]);
        }

        return shuffled;
    }

    private static SnapshotCase WithTenantsReversed(SnapshotCase snapshot) => snapshot with
    {
        Tenants = [.. snapshot.Tenants.Reverse()],
        Requests = [.. snapshot.Requests.Select(request => request with { TenantIndex = snapshot.Tenants.Count - 1 - request.TenantIndex })],
    };
}
