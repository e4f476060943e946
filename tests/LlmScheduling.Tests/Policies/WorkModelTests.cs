namespace LlmScheduling.Tests.Policies;

public sealed class WorkModelTests
{
    private static readonly WorkModel EveryTerm = new(Step: 2, PrefillToken: 3, DecodeSequence: 5, ContextToken: 7, TokenBoundShare: 0.25);

    [Fact]
    public void Seconds_OfTheDefault_CountsTokens() => Assert.Equal(14, default(WorkModel).Seconds(10, 4, new BatchLimits(100, 8)));

    // Prefill 10 x 3; 4 decode steps at 5 + 7 x (10 + 2) each; a step's 2 s shared by 100 tokens for a quarter of 14, by 8 seats for three quarters of 4.
    [Fact]
    public void Seconds_WithEveryTerm_IsTheirSum() => Assert.Equal(30 + 356 + 2 * (0.035 + 0.375), EveryTerm.Seconds(10, 4, new BatchLimits(100, 8)), 1e-9);

    [Fact]
    public void Seconds_WithoutLimits_CountsOneTokenAndOneSeat() => Assert.Equal(30 + 356 + 2 * (3.5 + 3), EveryTerm.Seconds(10, 4, default), 1e-9);
}
