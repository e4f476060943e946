namespace LlmScheduling.Testing.Tests;

/// <summary>Rankers that are wrong.</summary>
internal static class RankerZoo
{
    public static IEnumerable<Specimen> All =>
    [
        Specimen.Ranker("draws its scores", "EqualPromptsGetEqualScores", () => new BrokenRanker((_, scores) =>
        {
            for (int i = 0; i < scores.Length; i++)
                scores[i] = Random.Shared.NextSingle();
        })),
        Specimen.Ranker("favours the front of the batch", "EqualPromptsGetEqualScores", () => new BrokenRanker((inputs, scores) =>
        {
            for (int i = 0; i < scores.Length; i++)
                scores[i] = inputs[i].Prompt.Length + i;
        })),
        Specimen.Ranker("scales within the batch", "BatchDoesNotMatter", () => new BrokenRanker((inputs, scores) =>
        {
            float longest = 1;
            foreach (RankingInput input in inputs)
                longest = Math.Max(longest, input.Prompt.Length);
            for (int i = 0; i < scores.Length; i++)
                scores[i] = inputs[i].Prompt.Length / longest;
        })),
        Specimen.Ranker("stumbles over other scripts", "ScoresAreFinite", () => new BrokenRanker((inputs, scores) =>
        {
            for (int i = 0; i < scores.Length; i++)
                scores[i] = MathF.Log(127 - (inputs[i].Prompt.Length == 0 ? 0 : inputs[i].Prompt.Span[0]));
        })),
        Specimen.Ranker("reads the first of an empty batch", "ScoresAreFinite", () => new BrokenRanker((inputs, scores) =>
        {
            float first = inputs[0].Prompt.Length;
            for (int i = 0; i < scores.Length; i++)
                scores[i] = inputs[i].Prompt.Length + 0 * first;
        })),
        Specimen.Ranker("overruns on long prompts", "ScoresAreFinite", () => new BrokenRanker((inputs, scores) =>
        {
            var seen = new float[512];
            for (int i = 0; i < scores.Length; i++)
            {
                seen[inputs[i].Prompt.Length / 64] = 1;
                scores[i] = inputs[i].Prompt.Length;
            }
        })),
        Specimen.Ranker("is lost after a cancel", "CancellationIsHonoured", () => new LostAfterCancel()),
        Specimen.Ranker("hashes with a seed of its own", "TwoInstancesAgree", () => new SeededOnce()),
    ];

    private sealed class BrokenRanker(BrokenRanker.Rank rank) : IRequestRanker
    {
        public delegate void Rank(ReadOnlySpan<RankingInput> inputs, Span<float> scores);

        public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
        {
            rank(requests.Span, scores.Span);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class LostAfterCancel : IRequestRanker
    {
        private float _offset;

        public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
        {
            if (cancellationToken.IsCancellationRequested)
                _offset += 1;
            for (int i = 0; i < scores.Length; i++)
                scores.Span[i] = requests.Span[i].Prompt.Length + _offset;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class SeededOnce : IRequestRanker
    {
        private readonly long _salt = Random.Shared.NextInt64(1L << 40);

        public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
        {
            for (int i = 0; i < scores.Length; i++)
                scores.Span[i] = (requests.Span[i].Prompt.Length * 2_654_435_761L + _salt) % 16_777_213;
            return ValueTask.CompletedTask;
        }
    }
}
