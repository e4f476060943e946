namespace LlmScheduling.Tests.Instances;

public class InstanceAssignmentTests
{
    private static readonly RequestView Request = new() { PromptTokens = 10, MaxOutputTokens = 10 };

    private static InstanceView View(int sequences = 1, long tokens = 100, double idleAt = 0, bool available = true) =>
        new(available, sequences, tokens, TimeSpan.FromSeconds(idleAt));

    [Fact]
    public void Choose_MostFreeSequences_TakesTheMostSeatsThenTheLowestIndex()
    {
        var assignment = new MostFreeSequences();
        Assert.Equal(1, assignment.Choose(Request, [View(1), View(3), View(3), View(2)]));
        Assert.Equal(-1, assignment.Choose(Request, []));
    }

    [Fact]
    public void Choose_LargestRemainingMemory_TakesTheMostTokensThenSeatsThenTheLowestIndex()
    {
        var assignment = new LargestRemainingMemory();
        Assert.Equal(2, assignment.Choose(Request, [View(9, 50), View(9, 60), View(1, 70)]));
        Assert.Equal(1, assignment.Choose(Request, [View(1, 70), View(2, 70), View(2, 70)]));
    }

    [Fact]
    public void Choose_EarliestPredictedFinish_TakesTheSoonestIdleThenSeatsThenTheLowestIndex()
    {
        var assignment = new EarliestPredictedFinish();
        Assert.Equal(2, assignment.Choose(Request, [View(9, idleAt: 3), View(9, idleAt: 2), View(1, idleAt: 1)]));
        Assert.Equal(1, assignment.Choose(Request, [View(1, idleAt: 1), View(2, idleAt: 1), View(2, idleAt: 1)]));
    }

    [Fact]
    public void Choose_RoundRobin_TakesWhoWasChosenLongestAgoThenTheLowestIndex()
    {
        var assignment = new RoundRobin();
        Assert.Equal(0, assignment.Choose(Request, [View(), View(), View()]));
        Assert.Equal(2, assignment.Choose(Request, [View() with { LastChosen = 4 }, View() with { LastChosen = 5 }, View() with { LastChosen = 3 }]));
        Assert.Equal(0, assignment.Choose(Request, [View() with { LastChosen = 4 }, View() with { LastChosen = 5 }, View(0) with { LastChosen = 3 }]));
    }

    [Fact]
    public void Choose_LeastWork_TakesTheLeastThenTheLowestIndexAndNeverTrustsNaN()
    {
        var assignment = new LeastWork();
        Assert.Equal(1, assignment.Choose(Request, [View() with { ExpectedWork = 2 }, View() with { ExpectedWork = 1 }, View() with { ExpectedWork = 1 }]));
        Assert.Equal(1, assignment.Choose(Request, [View() with { ExpectedWork = double.NaN }, View() with { ExpectedWork = 9 }, View() with { ExpectedWork = double.NaN }]));
        Assert.Equal(0, assignment.Choose(Request, [View() with { ExpectedWork = double.NaN }, View() with { ExpectedWork = double.NaN }]));
    }

    [Theory]
    [InlineData(typeof(RoundRobin))]
    [InlineData(typeof(LeastWork))]
    [InlineData(typeof(MostFreeSequences))]
    [InlineData(typeof(LargestRemainingMemory))]
    [InlineData(typeof(EarliestPredictedFinish))]
    public void Choose_NoRoom_IsNeverChosen(Type type)
    {
        var assignment = (IInstanceAssignment)Activator.CreateInstance(type)!;
        InstanceView away = View(9, 500, available: false), full = View(0, 500), small = View(9, 19);

        Assert.Equal(-1, assignment.Choose(Request, [away, full, small]));
        Assert.Equal(3, assignment.Choose(Request, [away, full, small, View(1, 20, idleAt: 99)]));
    }

    [Theory]
    [InlineData(0, 0, 20)]
    [InlineData(4, 0, 14)]
    [InlineData(4, 0.5, 15)]
    [InlineData(9.5f, 2, 20)]
    [InlineData(4, float.NaN, 20)]
    [InlineData(float.NaN, 0, 20)]
    public void HasRoomFor_Prediction_CountsItsMeanUpToTheLimit(float median, float spread, long needed)
    {
        var request = new RequestView { PromptTokens = 10, MaxOutputTokens = 10, Length = new LengthEstimate(median, spread) };
        Assert.True(View(1, needed).HasRoomFor(request));
        Assert.False(View(1, needed - 1).HasRoomFor(request));
    }
}
