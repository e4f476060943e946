using LlmScheduling;
using LlmScheduling.Samples;

namespace ModelServerTests;

public sealed class LiveViewTests
{
    private string _stack = "fcfs";

    [Fact]
    public void Tau_IsThatOfCompleteAnswers_AndThereIsNoneWithoutARanker()
    {
        LiveView view = View();
        view.OnRequestEnded(Ended(0, 10, float.NaN));
        Assert.Null(view.State().Tau);
        for (int i = 1; i <= 20; i++)
            view.OnRequestEnded(Ended(i, i, i));
        // What was cut by a limit says nothing of its length.
        view.OnRequestEnded(Ended(21, 1, 1_000, FinishReason.Length));
        Assert.Equal((1.0, 20), (view.State().Tau!.Value, view.State().Ranked));
    }

    [Fact]
    public void Attainment_IsCountedByTheStackInForce_AndAsManyClassesAsAreBounded()
    {
        LiveView view = View();
        view.OnRequestEnded(Ended(0, 10, 0, met: true));
        _stack = "slo";
        for (int i = 1; i <= 200; i++)
            view.OnRequestEnded(Ended(i, 10, 0, met: i > 150, trafficClass: i <= 100 ? "chat" : $"class {i}"));
        LiveState state = view.State();
        Assert.True(state.Attainment.Count <= 33);
        Assert.Equal(new LiveAttainment("fcfs", "chat", 1, 1, 1), state.Attainment[0]);
        Assert.Contains(new LiveAttainment("slo", "chat", 0, 100, 0), state.Attainment);
        Assert.Equal(201, state.Attainment.Sum(row => row.Ended));
    }

    [Fact]
    public void Keys_AreNotCopied_WhileNobodyLooks()
    {
        LiveView view = View();
        ISchedulingPolicy policy = view.Watch(new FirstComeFirstServed());
        Plan(policy, RequestPhase.Waiting);
        Assert.Equal(0, view.State().Waiting);
        using (view.Look())
        {
            Plan(policy, RequestPhase.Waiting);
            Assert.Equal(1, view.State().Waiting);
            Plan(policy, RequestPhase.Running);
            Assert.Equal((0, 1), (view.State().Waiting, view.State().Running));
            Assert.Contains("#7 got a seat after 3.0 s", view.State().Decisions[0].What, StringComparison.Ordinal);
            Plan(policy, RequestPhase.Preempted);
            Assert.Contains("#7 lost its seat", view.State().Decisions[0].What, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WatchedPolicy_GivesTheSameKeys()
    {
        LiveView view = View();
        using IDisposable look = view.Look();
        Assert.Equal(Plan(new FirstComeFirstServed(), RequestPhase.Waiting), Plan(view.Watch(new FirstComeFirstServed()), RequestPhase.Waiting));
    }

    private static PriorityKey Plan(ISchedulingPolicy policy, RequestPhase phase)
    {
        RequestView[] requests = [new() { Id = new RequestId(7), ArrivedAt = TimeSpan.FromSeconds(2), PromptTokens = 5, MaxOutputTokens = 5, Phase = phase }];
        var keys = new PriorityKey[1];
        policy.Prioritize(new SchedulingSnapshot { Requests = requests, Now = TimeSpan.FromSeconds(5), Limits = new BatchLimits(64, 4) }, keys);
        return keys[0];
    }

    private LiveView View() => new() { Control = new LiveControl(["fcfs", "slo"], () => _stack, name => _stack = name) };

    private static EndedRequest Ended(long id, int tokens, float score, FinishReason finish = FinishReason.Stop, bool met = true, string trafficClass = "chat") => new(
        new RequestId(id),
        new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1_000, TrafficClass = trafficClass },
        RequestOutcome.Completed,
        finish,
        SloTargets.BestEffort with { EndToEnd = TimeSpan.FromSeconds(met ? 10 : 1) },
        TimeSpan.Zero,
        TimeSpan.Zero,
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(2),
        tokens,
        0,
        score);
}
