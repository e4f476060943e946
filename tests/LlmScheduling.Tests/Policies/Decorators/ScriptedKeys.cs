namespace LlmScheduling.Tests.Policies.Decorators;

/// <summary>An inner policy that answers every kind of key there is, chosen by a request's id and a salt.</summary>
internal sealed class ScriptedKeys(int salt) : ISchedulingPolicy
{
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            var bits = new Random(HashCode(snapshot.Requests[i].Id.Sequence));
            keys[i] = bits.Next(8) switch
            {
                0 => PriorityKey.Hold,
                1 => PriorityKey.Refuse,
                2 => PriorityKey.Spare(bits.Next(5)),
                3 => new PriorityKey(-bits.Next(1, 3), bits.Next(3), bits.Next(5)),
                _ => new PriorityKey(bits.Next(3), bits.Next(3), bits.Next(5)),
            };
        }
    }

    private int HashCode(long id) => (int)(id * 7_919 + salt * 104_729);
}
