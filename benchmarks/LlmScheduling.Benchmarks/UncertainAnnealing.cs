using System.Globalization;
using LlmScheduling.Cuda.Tests.Annealing;

namespace LlmScheduling.Benchmarks;

/// <summary>
/// Annealing over sampled output lengths: how fast one core is; whether it is worth more than annealing one estimate, judged on
/// lengths that no search has seen; and what the kernel's chains would find for several depths, computed by their C# reference.
/// </summary>
internal static class UncertainAnnealing
{
    private const int Scenarios = 256, FreshScenarios = 1_000;
    private static readonly string[] Limits = ["loose", "medium", "tight"];
    private static readonly PublishedProblems Problems = new(null, (0.2, 0.4, 0.6));
    private static readonly ThreadTime Time = new();
    private static readonly CpuAnnealer Annealer = new(Time);

    public static void Run(string part, int seed)
    {
        switch (part)
        {
            case "rate":
                Rates(seed);
                break;
            case "worth":
                Worth(seed);
                break;
            default:
                Chains(seed);
                break;
        }
    }

    private static void Rates(int seed)
    {
        Write("| requests | largest batch | scenarios | moves/s | scenario evaluations/s |\n|---|---|---|---|---|");
        foreach ((int jobs, int batch, int scenarios) in ((int, int, int)[])[(200, 4, 1), (200, 4, 32), (200, 4, 256), (200, 16, 256), (200, 4, 1024), (1_000, 4, 256), (50, 4, 256)])
        {
            AnnealingProblem problem = Sample(Problems.Draw(jobs, batch, "medium", seed), 0.7, scenarios, seed, null, 200);
            var table = new ScenarioTable();
            table.Fill(problem);
            double[] rates = [.. Enumerable.Range(0, 5).Select(_ => MovesPerSecond(problem, table)).Order()];
            Write(string.Create(CultureInfo.InvariantCulture, $"| {jobs} | {batch} | {scenarios} | {rates[2]:N0} | {rates[2] * scenarios / 1e6:F0} M |"));
        }
    }

    /// <summary>Of the search over scenarios alone, from where the annealer begins, at the temperatures of a solve.</summary>
    private static double MovesPerSecond(AnnealingProblem problem, ScenarioTable table)
    {
        const int Steps = 50, Moves = 400;
        var start = new ScenarioStart(Time);
        var budget = new SearchBudget(Time);
        budget.Begin(problem);
        start.Find(problem, table, budget, CancellationToken.None);
        var chain = new ScenarioChain();
        chain.Begin(table, start.Order, start.Sizes);
        var random = new MoveRandom(1);
        (double hot, double cold, _) = IncrementalSearch.Cooling(table.JobCount);
        long before = Time.GetTimestamp();
        for (int step = 0; step < Steps; step++)
            chain.Anneal(ref random, Moves, hot * Math.Pow(cold / hot, (double)step / Steps) / table.JobCount);
        return Steps * Moves / Time.GetElapsedTime(before).TotalSeconds;
    }

    private static void Worth(int seed)
    {
        Write("| spread | limits | milliseconds | best rule | 256 scenarios, over the median's schedule | over the mean's schedule | seen / fresh |\n|---|---|---|---|---|---|---|");
        foreach (double spread in (double[])[0.3, 0.7, 1.1])
        {
            foreach (string limits in Limits)
            {
                foreach (double milliseconds in (double[])[20, 200])
                {
                    double rule = 0, median = 0, mean = 0, seen = 0;
                    int count = 0;
                    foreach (int batch in (int[])[4, 16])
                    {
                        for (int i = 0; i < 3; i++, count++)
                        {
                            AnnealingProblem known = Problems.Draw(200, batch, limits, seed + i);
                            AnnealingProblem sampled = Sample(known, spread, Scenarios, 2 * (seed + i), null, milliseconds), fresh = Sample(known, spread, FreshScenarios, 2 * (seed + i) + 1, null, 1);
                            AnnealingSchedule found = Solve(sampled);
                            double ours = On(fresh, found);
                            seen += Math.Log(found.MetPerSecond / ours);
                            median += Math.Log(ours / On(fresh, Solve(Sample(known, spread, 0, 0, null, milliseconds))));
                            mean += Math.Log(ours / On(fresh, Solve(Sample(known, spread, 0, 0, null, milliseconds, Math.Exp(spread * spread / 2)))));
                            rule += Math.Log(ours / Rule(fresh));
                        }
                    }

                    Write(string.Create(CultureInfo.InvariantCulture, $"| {spread} | {limits} | {milliseconds} | {Math.Exp(rule / count):F3} | {Math.Exp(median / count):F3} | {Math.Exp(mean / count):F3} | {Math.Exp(seen / count):F3} |"));
                }
            }
        }
    }

    private static void Chains(int seed)
    {
        Write("| limits | largest batch | moves per chain | G over one core's 10 ms | 100 ms | 1,000 ms |\n|---|---|---|---|---|---|");
        foreach (string limits in Limits)
        {
            foreach (int batch in (int[])[4, 16])
            {
                AnnealingProblem known = Problems.Draw(200, batch, limits, seed);
                double[] cpu = [.. ((double[])[10, 100, 1_000]).Select(milliseconds => Solve(Sample(known, 0.7, Scenarios, seed, null, milliseconds)).MetPerSecond)];
                foreach (int depth in (int[])[1_000, 8_000])
                {
                    AnnealingProblem problem = Sample(known, 0.7, Scenarios, seed, (long)depth * ChainSearch.DefaultChains, null);
                    using var device = new HostMemoryDevice(new ReferenceChains(problem).Run);
                    var found = new AnnealingSchedule();
                    new ChainSearch(Time).Run(device, problem, found, CancellationToken.None);
                    Write($"| {limits} | {batch} | {depth} | {string.Join(" | ", cpu.Select(g => (found.MetPerSecond / g).ToString("F3", CultureInfo.InvariantCulture)))} |");
                }
            }
        }
    }

    /// <summary>The jobs' lengths are medians, times <paramref name="factor"/>; the samples log-normal around them.</summary>
    private static AnnealingProblem Sample(AnnealingProblem known, double spread, int scenarios, int seed, long? evaluations, double? milliseconds, double factor = 1)
    {
        var random = new Random(seed);
        AnnealingJob[] jobs = known.Jobs.ToArray();
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        int[] samples = [.. Enumerable.Range(0, scenarios * jobs.Length).Select(i => Math.Clamp((int)(jobs[i % jobs.Length].OutputTokens * Math.Exp(spread * Normal())), 1, 32_768))];
        return new AnnealingProblem
        {
            Jobs = jobs.Select(job => job with { OutputTokens = Math.Max(1, (int)(job.OutputTokens * factor)) }).ToArray(),
            SampledOutputTokens = samples,
            Prefill = known.Prefill,
            Decode = known.Decode,
            MaxBatch = known.MaxBatch,
            MaxEvaluations = evaluations,
            MaxTime = milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            Seed = 1,
        };
    }

    private static AnnealingSchedule Solve(AnnealingProblem problem)
    {
        var found = new AnnealingSchedule();
        Annealer.AnnealAsync(problem, found).GetAwaiter().GetResult();
        return found;
    }

    private static double On(AnnealingProblem fresh, AnnealingSchedule found) => ScheduleValue.Of(fresh, found.Order, found.BatchSizes).MetPerSecond;

    private static double Rule(AnnealingProblem fresh) => Enum.GetValues<ScheduleRule>().Max(rule =>
    {
        var found = new AnnealingSchedule();
        new RuleSchedule(rule).AnnealAsync(fresh, found).GetAwaiter().GetResult();
        return found.MetPerSecond;
    });

    private static void Write(string line) => Console.WriteLine(line);
}
