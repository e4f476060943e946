using LlmScheduling;

namespace LlmScheduling.Tests.Ranking;

public sealed class DelegateRankerTests
{
    private static readonly RankingInput[] Inputs = [.. new[] { "a", "bb", "ccc" }.Select((prompt, place) => new RankingInput(new RequestId(place), prompt.AsMemory(), 1, 100, ""))];

    [Fact]
    public async Task RankAsync_OfOneByOne_ScoresEach() => Assert.Equal((float[])[1, 2, 3], await Scores(new DelegateRanker(input => input.Prompt.Length)));

    [Fact]
    public async Task RankAsync_OfAll_LeavesUnrankedWhatIsNotWrittenOrNotFinite() =>
        Assert.Equal((float[])[float.NaN, 7, float.NaN], await Scores(new DelegateRanker((requests, scores, _) =>
        {
            (scores.Span[1], scores.Span[2]) = (7, float.PositiveInfinity);
            return ValueTask.CompletedTask;
        })));

    [Fact]
    public async Task RankAsync_FunctionThatThrows_Throws() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Scores(new DelegateRanker(_ => throw new InvalidOperationException("no"))));

    [Fact]
    public async Task RankAsync_Cancelled_AsksNoMore() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new DelegateRanker(_ => 1).RankAsync(Inputs, new float[3], new CancellationToken(canceled: true)).AsTask());

    private static async Task<float[]> Scores(DelegateRanker ranker)
    {
        var scores = new float[Inputs.Length];
        await ranker.RankAsync(Inputs, scores, TestContext.Current.CancellationToken);
        return scores;
    }
}
