namespace LlmScheduling.Cuda.Tests;

/// <summary>First come, first served, and keeps the scores that it saw last.</summary>
internal sealed class ScoreRecorder : ISchedulingPolicy
{
    public Dictionary<RequestId, float> Scores { get; } = [];

    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = request.Phase == RequestPhase.Running ? PriorityKey.KeepsSeat : new(0, 0);
            if (request.IsRanked)
                Scores[request.Id] = request.RankScore;
        }
    }
}
