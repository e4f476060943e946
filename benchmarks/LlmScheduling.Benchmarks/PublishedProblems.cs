namespace LlmScheduling.Benchmarks;

/// <summary>
/// Problems for the published timeline: half code with a limit on the end, half chat with limits on first token and token time;
/// log-normal lengths; limits are slack, a share of the time that shortest first takes, plus the request's own time in a full batch.
/// </summary>
/// <param name="sigmas">Spread of the logarithms: of prompts and of outputs; drawn from 0.7 to 1.2 for each length where absent.</param>
/// <param name="capped">Which share of the chat requests has a token limit that only some smaller batch keeps, for loose, medium and tight limits.</param>
internal sealed class PublishedProblems((double Prompt, double Output)? sigmas, (double Loose, double Medium, double Tight) capped)
{
    private static readonly LatencyCoefficients Prefill = new(0.1, 5.7, 0.01, 43.67), Decode = new(0.0002, 0.275, 0.00088, 15.85);

    /// <summary>The jobs of one problem; <paramref name="limits"/> is loose, medium or tight.</summary>
    public AnnealingProblem Draw(int jobs, int maxBatch, string limits, int seed)
    {
        var random = new Random(HashCode(seed, jobs, maxBatch, limits.Length));
        (double low, double high, double share) = limits switch { "loose" => (0.5, 1.6, capped.Loose), "medium" => (0.2, 0.9, capped.Medium), _ => (0.03, 0.4, capped.Tight) };
        (bool IsChat, int Input, int Output)[] lengths = [.. Enumerable.Range(0, jobs).Select(_ => Lengths(random))];
        double[] runs = [.. lengths.Select(length => Run(length.Input, length.Output, maxBatch)).Order()];
        double makespan = runs.Chunk(maxBatch).Sum(batch => batch[^1]);
        return Of(lengths.Select(length => Job(length.IsChat, length.Input, length.Output, maxBatch, (low + (high - low) * random.NextDouble()) * makespan, share, random)).ToArray(), maxBatch, null, null);
    }

    /// <summary>The same problem with bounds.</summary>
    public static AnnealingProblem Within(AnnealingProblem problem, TimeSpan? time, long? evaluations = null) => Of(problem.Jobs, problem.MaxBatch, time, evaluations);

    private static AnnealingProblem Of(ReadOnlyMemory<AnnealingJob> jobs, int maxBatch, TimeSpan? time, long? evaluations) =>
        new() { Jobs = jobs, Prefill = Prefill, Decode = Decode, MaxBatch = maxBatch, MaxTime = time, MaxEvaluations = evaluations, Seed = 1 };

    // System.HashCode differs between processes.
    private static int HashCode(params ReadOnlySpan<int> parts)
    {
        int hash = 17;
        foreach (int part in parts)
            hash = unchecked(hash * 7_919 + part);
        return hash;
    }

    private static double Run(int input, int output, int size) => Prefill.Milliseconds(size, input) + Decode.SumOfSteps(size, input, output);

    private static AnnealingJob Job(bool isChat, int input, int output, int maxBatch, double slack, double share, Random random)
    {
        int keeps = random.NextDouble() < share ? 1 + random.Next(maxBatch) : maxBatch;
        var job = new AnnealingJob(input, output);
        return isChat
            ? job with { FirstTokenMilliseconds = slack + Prefill.Milliseconds(maxBatch, input), TokenMilliseconds = Decode.SumOfSteps(keeps, input, output) / output * 1.001 }
            : job with { EndToEndMilliseconds = slack + Run(input, output, maxBatch) };
    }

    private static int Length(Random random, double median, double? sigma)
    {
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Math.Max(1, (int)(median * Math.Exp(normal * (sigma ?? 0.7 + 0.5 * random.NextDouble()))));
    }

    private (bool IsChat, int Input, int Output) Lengths(Random random)
    {
        bool isChat = random.Next(2) == 0;
        return (isChat, Length(random, isChat ? 140 : 120, sigmas?.Prompt), Length(random, isChat ? 190 : 200, sigmas?.Output));
    }
}
