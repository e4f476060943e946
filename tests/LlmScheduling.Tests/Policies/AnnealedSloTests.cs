namespace LlmScheduling.Tests.Policies;

public sealed class AnnealedSloTests
{
    private static readonly TimeSpan Due = TimeSpan.FromSeconds(150);

    [Fact]
    public void Prioritize_NothingPlanned_AnswersTheKeysOfTheRule()
    {
        PolicyCase it = PolicyCase.Of(Waiting(0, 40), Waiting(1, 30), Waiting(2, 50) with { Deadline = TimeSpan.FromSeconds(99) }, Waiting(3, 20) with { Deadline = TimeSpan.MaxValue });
        for (int i = 0; i < it.Requests.Length; i++)
            Assert.Equal(it.KeyOf(new ApparentTardinessCost(), i), it.KeyOf(new AnnealedSlo(), i));
    }

    [Fact]
    public void Prioritize_Planned_GoInTheOrderOfThePlan() =>
        Assert.Equal([2, 0, 3, 1], PolicyCase.Of(Waiting(0, 40, 3), Waiting(1, 10, 9), Waiting(2, 90, 1), Waiting(3, 20, 4)).Order(new AnnealedSlo()));

    [Fact]
    public void Prioritize_CameAfterThePlan_GoesBeforeTheFirstWithALargerScore() =>
        Assert.Equal([0, 4, 1, 2, 3], PolicyCase.Of(Waiting(0, 20, 0), Waiting(1, 60, 1), Waiting(2, 30, 2), Waiting(3, 90, 3), Waiting(4, 50)).Order(new AnnealedSlo()));

    [Fact]
    public void Prioritize_PlannedButHopelessSince_StandsBehindAsUnderTheRule() =>
        Assert.Equal([1, 2, 0], PolicyCase.Of(
            Waiting(0, 5, 0) with { Deadline = TimeSpan.FromSeconds(99) }, Waiting(1, 60, 1), Waiting(2, 50, 2)).Order(new AnnealedSlo()));

    [Fact]
    public void Prioritize_RunningWithAPlace_KeepsItsSeat() =>
        Assert.Equal(PriorityKey.KeepsSeat, PolicyCase.Of(Waiting(0, 5, 0) with { Phase = RequestPhase.Running, AdmissionOrder = 0 }).KeyOf(new AnnealedSlo(), 0));

    private static RequestView Waiting(long id, int prompt, int planned = -1) => PolicyCase.View(id, prompt: prompt) with { Deadline = Due, PlannedPosition = planned };
}
