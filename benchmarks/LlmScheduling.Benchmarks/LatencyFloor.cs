namespace LlmScheduling.Benchmarks;

/// <summary>A time that no schedule's sum of latencies falls below.</summary>
/// <remarks>
/// Two requests in different batches: the later one waits at least for the earlier one's least share of a batch, its least run / size.
/// So each pair costs at least the smaller of the two shares, but for pairs in one batch, of which each request has at most
/// MaxBatch - 1; those pairs save most when the requests are chunked by share, the largest first.
/// </remarks>
internal static class LatencyFloor
{
    public static double Milliseconds(AnnealingProblem problem)
    {
        int largest = Math.Min(problem.MaxBatch, problem.Jobs.Length);
        double floor = 0;
        var shares = new double[problem.Jobs.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            AnnealingJob job = problem.Jobs.Span[i];
            double[] runs = [.. Enumerable.Range(1, largest).Select(size => problem.Prefill.Milliseconds(size, job.InputTokens) + problem.Decode.SumOfSteps(size, job.InputTokens, job.OutputTokens))];
            floor += runs.Min();
            shares[i] = runs.Select((run, at) => run / (at + 1)).Min();
        }

        Array.Sort(shares);
        for (int i = 0; i < shares.Length; i++)
            floor += shares[i] * (shares.Length - 1 - i);
        for (int end = shares.Length; end > 0; end -= largest)
        {
            int first = Math.Max(0, end - largest);
            for (int i = first; i < end; i++)
                floor -= shares[i] * (end - 1 - i);
        }

        return floor;
    }
}
