namespace LlmScheduling.Simulation;

/// <summary>What a policy is told of one request's output length.</summary>
/// <param name="Score">Rank score; NaN when not ranked.</param>
/// <param name="Estimate">Predicted length; unknown leaves the class's figures in force.</param>
internal readonly record struct LengthHint(float Score, LengthEstimate Estimate)
{
    private static readonly LengthHint Nothing = new(float.NaN, default);

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

        for (int i = 0; knowledge.IsOracle && i < hints.Length; i++)
            hints[i] = new(workload.Requests[i].OutputTokens, new LengthEstimate(workload.Requests[i].OutputTokens, 0));
        return hints;
    }
}
