namespace LlmScheduling.Simulation;

/// <summary>What a policy is told of one request's output length.</summary>
/// <param name="Score">Rank score; NaN when not ranked.</param>
/// <param name="Estimate">Predicted length; unknown leaves the class's figures in force.</param>
internal readonly record struct LengthHint(float Score, LengthEstimate Estimate)
{
    private static readonly LengthHint Nothing = new(float.NaN, default);

    /// <summary>Whether there is anything to tell.</summary>
    public bool IsKnown => Estimate.IsKnown || !float.IsNaN(Score);

    /// <summary>One hint per request of <paramref name="workload"/>, in its order.</summary>
    public static LengthHint[] For(Workload workload, LengthKnowledge knowledge, ulong seed)
    {
        var hints = new LengthHint[workload.Requests.Count];
        Array.Fill(hints, Nothing);
        if (knowledge.Tau is { } tau)
        {
            ReadOnlySpan<LengthEstimate> estimates = LengthNoise.Fit(workload, tau, seed).Estimates;
            for (int i = 0; i < hints.Length; i++)
                hints[i] = new(estimates[i].Median, estimates[i]);
        }

        if (knowledge.Ranker is { } ranker)
            Rank(workload, ranker, knowledge.Predictor, hints);
        for (int i = 0; knowledge.IsOracle && i < hints.Length; i++)
            hints[i] = new(workload.Requests[i].OutputTokens, new LengthEstimate(workload.Requests[i].OutputTokens, 0));
        return hints;
    }

    private static void Rank(Workload workload, IRequestRanker ranker, ILengthPredictor? predictor, LengthHint[] hints)
    {
        int[] rows = [.. Enumerable.Range(0, hints.Length).Where(row => !string.IsNullOrEmpty(workload.Requests[row].Prompt))];
        RankingInput[] inputs = [.. rows.Select(row => workload.Requests[row]).Select((request, place) => new RankingInput(
            new RequestId(place), request.Prompt.AsMemory(), request.InputTokens, request.MaxOutputTokens ?? int.MaxValue, request.TrafficClass))];
        var scores = new float[inputs.Length];
        var estimates = new LengthEstimate[inputs.Length];
        Array.Fill(scores, float.NaN);
        ranker.RankAsync(inputs, scores, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        predictor?.Predict(inputs, scores, estimates);
        for (int i = 0; i < rows.Length; i++)
            hints[rows[i]] = new(scores[i], estimates[i]);
    }
}
