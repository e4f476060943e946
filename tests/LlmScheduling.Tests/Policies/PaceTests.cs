namespace LlmScheduling.Tests.Policies;

public sealed class PaceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // 5 tokens behind a second per token, and alone it makes two in a second: 55 more tokens would be enough to catch up, 5 are not.
    [Fact]
    public void IsLost_BehindItsPace_GoesByTheLikelyLongestAnswer()
    {
        RequestView unknown = PolicyCase.View(0) with
        {
            Phase = RequestPhase.Running, FirstTokenAt = 50 * Second, FirstTokenDue = 50 * Second, TokenInterval = Second, GeneratedTokens = 45, MaxOutputTokens = 100,
        };
        Assert.False(Pace.IsLost(unknown, 100 * Second, TimeSpan.TicksPerSecond / 2.0));
        Assert.True(Pace.IsLost(unknown with { Length = new(50, 0) }, 100 * Second, TimeSpan.TicksPerSecond / 2.0));
    }
}
