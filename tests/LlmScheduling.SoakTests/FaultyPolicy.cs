namespace LlmScheduling.SoakTests;

/// <summary>A policy that is mostly sane: it orders by priority in bands, and now and then it throws, answers NaN, holds or refuses.</summary>
internal sealed class FaultyPolicy : ISchedulingPolicy
{
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        ulong mood = snapshot.Seed % 100;
        if (mood == 0)
            throw new InvalidOperationException("broken");
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            ulong draw = (snapshot.Seed ^ ((ulong)request.Id.Sequence * 0x9E3779B97F4A7C15UL)) % 1_000;
            keys[i] = mood == 1 && i == keys.Length - 1 ? new(0, double.NaN)
                : draw < 20 ? PriorityKey.Hold
                : draw < 23 ? PriorityKey.Refuse
                : draw < 60 ? PriorityKey.Spare(request.ArrivedAt.Ticks)
                : new(request.Priority, request.IsRanked ? request.RankScore : request.ArrivedAt.Ticks);
        }
    }
}
