namespace LlmScheduling.Testing.Tests.Rankers;

/// <summary>Rankers that keep the laws, each in its own way.</summary>
public sealed class RankerLawsTests
{
    [Fact]
    public void Check_LengthOfThePrompt_KeepsTheLaws() => RankerLaws.Check(() => new Scores(prompt => prompt.Length));

    [Fact]
    public void Check_StableHash_KeepsTheLaws() => RankerLaws.Check(() => new Scores(StableHash));

    [Fact]
    public void Check_NoiseOfBatchedArithmetic_KeepsTheLaws() => RankerLaws.Check(() => new NoisyInBatches());

    [Fact]
    public async Task Fingerprint_OfAStableRanker_IsTheSameInEveryProcess() =>
        Assert.Equal("548962c41ee1883f", await RankerLaws.FingerprintAsync(new Scores(StableHash), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Fingerprint_OfAnotherRanker_Differs() =>
        Assert.NotEqual(
            await RankerLaws.FingerprintAsync(new Scores(StableHash), TestContext.Current.CancellationToken),
            await RankerLaws.FingerprintAsync(new Scores(prompt => prompt.Length), TestContext.Current.CancellationToken));

    private static float StableHash(string prompt)
    {
        uint hash = 2_166_136_261;
        foreach (char letter in prompt)
            hash = (hash ^ letter) * 16_777_619;
        return hash % 1_000;
    }

    private sealed class Scores(Func<string, float> scoreOf) : IRequestRanker
    {
        public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
        {
            for (int i = 0; i < scores.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                scores.Span[i] = scoreOf(requests.Span[i].Prompt.ToString());
            }

            return ValueTask.CompletedTask;
        }
    }

    /// <summary>The last bits depend on the size of the batch, as they do on a GPU.</summary>
    private sealed class NoisyInBatches : IRequestRanker
    {
        public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
        {
            for (int i = 0; i < scores.Length; i++)
                scores.Span[i] = StableHash(requests.Span[i].Prompt.ToString()) + 1 + scores.Length * 1e-4f;
            return ValueTask.CompletedTask;
        }
    }
}
