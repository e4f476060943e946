namespace LlmScheduling;

/// <summary>
/// Tokens that a request is expected to hold: its prompt, and the mean of its predicted output length or, while nothing is
/// predicted, its longest output. The mean and not the median: budgets are sums, and means add up.
/// </summary>
internal static class ExpectedTokens
{
    public static long Of(in RequestView request) => (long)request.PromptTokens + Output(request);

    /// <summary>The same for the output alone; never above the request's limit.</summary>
    public static int Output(in RequestView request)
    {
        LengthEstimate length = request.Length;
        double mean = length.Median * Math.Exp(0.5 * length.LogSpread * length.LogSpread);
        return length.IsKnown && mean < request.MaxOutputTokens ? (int)Math.Ceiling(mean) : request.MaxOutputTokens;
    }
}
