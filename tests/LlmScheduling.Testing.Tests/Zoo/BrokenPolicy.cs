namespace LlmScheduling.Testing.Tests;

/// <summary>A policy that orders the waiting requests by a score, wrongly.</summary>
internal sealed class BrokenPolicy(BrokenPolicy.ScoreOf scoreOf) : ISchedulingPolicy
{
    public delegate PriorityKey ScoreOf(in SchedulingSnapshot snapshot, int index);

    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
            keys[i] = snapshot.Requests[i].Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : scoreOf(snapshot, i);
    }
}
