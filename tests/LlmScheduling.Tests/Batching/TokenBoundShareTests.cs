namespace LlmScheduling.Tests;

public sealed class TokenBoundShareTests
{
    private static readonly StepTimes Latency = new(10, 0.1, 5);
    private readonly List<double> _seen = [];

    [Fact]
    public void Step_ThatRunsOutOfTokens_IsCounted()
    {
        using var rig = new EngineRig(new() { MaxBatchTokens = 10 }, new SeesWork(_seen), latency: Latency);
        rig.Enqueue(prompt: 15, output: 2);

        Assert.Equal(["0:10", "0:5", "0:1"], rig.Steps(3));
        Assert.Equal([0, 0.02, 0.0196], _seen.Select(share => Math.Round(share, 9)));
    }

    [Fact]
    public void Step_ThatRunsOutOfSeats_IsNot()
    {
        using var rig = new EngineRig(new() { MaxSequences = 1 }, new SeesWork(_seen), latency: Latency);
        rig.Enqueue(prompt: 15, output: 2);
        rig.Enqueue(prompt: 15, output: 2);

        Assert.Equal(["0:15", "0:1"], rig.Steps(2));
        Assert.Equal([0, 0], _seen);
    }

    [Fact]
    public void Step_WhosePrefillIsCutForTheTpot_IsCounted()
    {
        using var rig = new EngineRig(policy: new SeesWork(_seen), allocation: new() { PrefillShareOfTpot = 0.9 }, latency: Latency);
        rig.Enqueue(output: 9, objective: new() { TimePerOutputToken = TimeSpan.FromMilliseconds(100) });
        rig.Step();
        rig.Enqueue(prompt: 2_000);

        Assert.Equal(["0:1 1:750", "0:1 1:750"], rig.Steps(2));
        Assert.Equal([0, 0, 0.02], _seen.Select(share => Math.Round(share, 9)));
    }

    private sealed class SeesWork(List<double> shares) : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            shares.Add(snapshot.Work.TokenBoundShare);
            new FirstComeFirstServed().Prioritize(snapshot, keys);
        }
    }
}
