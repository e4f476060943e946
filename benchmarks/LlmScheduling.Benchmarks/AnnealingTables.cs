using System.Globalization;

namespace LlmScheduling.Benchmarks;

/// <summary>
/// The annealer against the published one at equal time, on several readings of one description of problems; both in one process,
/// in turn, by the time of the thread, and beside a search of many times that length and a bound on what any schedule reaches.
/// </summary>
internal static class AnnealingTables
{
    private const int PublishedEvaluations = 6_302;
    private static readonly string[] Limits = ["loose", "medium", "tight"];
    private static readonly int[] Batches = [1, 4, 16, 32];
    private static readonly ThreadTime Time = new();
    private static readonly PublishedAnnealer Published = new(scaledTemperature: true);
    private static readonly CpuAnnealer Ours = new(Time);
    private static readonly AnnealingSchedule Theirs = new(), Found = new(), Rule = new();

    private static readonly (string Name, PublishedProblems Problems)[] Readings =
    [
        ("few limits that cap the batch, spread drawn", new(null, (0.2, 0.4, 0.6))),
        ("graded: a third, two thirds, all of the chat requests", new((1.2, 0.7), (1.0 / 3, 2.0 / 3, 1))),
        ("every chat request", new((1.2, 0.7), (1, 1, 1))),
    ];

    public static void Run(int seed)
    {
        Moves(Readings[0].Problems, seed);
        foreach ((string name, PublishedProblems problems) in Readings)
        {
            Write($"\n### {name}\n");
            Write("| requests | limits | published, ms | batch 1 | 4 | 16 | 32 | geo-mean | many times the time | bound | met, %: arrival order, published, ours | latency over arrival order | below a rule |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|");
            foreach ((int jobs, int count, int times) in ((int, int, int)[])[(20, 6, 30), (50, 3, 30), (100, 3, 30), (200, 2, 10), (500, 1, 10), (1_000, 1, 5)])
            {
                List<Row> all = [];
                foreach (string limits in Limits)
                {
                    List<Row> rows = [.. Batches.SelectMany(batch => Enumerable.Range(0, count).Select(i => Compare(problems.Draw(jobs, batch, limits, seed + i), times)))];
                    all.AddRange(rows);
                    Write(Line($"{jobs} | {limits}", rows));
                }

                Write(Line($"{jobs} | all", all));
            }
        }
    }

    private static Row Compare(AnnealingProblem problem, int times)
    {
        double least = double.PositiveInfinity;
        for (int i = 0; i < 3; i++)
            least = Math.Min(least, Milliseconds(Published, problem, Theirs));
        Solve(Ours, PublishedProblems.Within(problem, TimeSpan.FromMilliseconds(least)), Found);
        (double equal, int met, double total) = (Found.MetPerSecond, Found.Met, Found.TotalLatencyMilliseconds);
        Solve(Ours, PublishedProblems.Within(problem, TimeSpan.FromMilliseconds(least * times)), Found);
        double bestRule = 0;
        foreach (ScheduleRule rule in Enum.GetValues<ScheduleRule>())
        {
            Solve(new RuleSchedule(rule), problem, Rule);
            bestRule = Math.Max(bestRule, Rule.MetPerSecond);
        }

        Solve(new RuleSchedule(ScheduleRule.ArrivalOrder), problem, Rule);
        int jobs = problem.Jobs.Length;
        return new Row(
            problem.MaxBatch, least, equal / Theirs.MetPerSecond, Found.MetPerSecond / Theirs.MetPerSecond,
            jobs / LatencyFloor.Milliseconds(problem) * 1_000 / Theirs.MetPerSecond,
            (double)Rule.Met / jobs, (double)Theirs.Met / jobs, (double)met / jobs, total / Rule.TotalLatencyMilliseconds, equal < bestRule);
    }

    private static void Moves(PublishedProblems problems, int seed)
    {
        Write("| requests, batch | ours, M/s | with seeds, in 20 ms | published, full evaluation, M/s | ratio | with seeds |\n|---|---|---|---|---|---|");
        var annealer = new CpuAnnealer(Time, exactJobs: 0);
        foreach ((int jobs, int batch) in ((int, int)[])[(100, 4), (100, 16), (1_000, 4), (1_000, 16)])
        {
            AnnealingProblem problem = problems.Draw(jobs, batch, "tight", seed);
            double shorter = double.PositiveInfinity, longer = shorter, full = shorter, whole = 0;
            for (int i = 0; i < 15; i++)
            {
                // The difference of two runs leaves the seeds out.
                shorter = Math.Min(shorter, Milliseconds(annealer, PublishedProblems.Within(problem, null, 10_000), Found));
                longer = Math.Min(longer, Milliseconds(annealer, PublishedProblems.Within(problem, null, 60_000), Found));
                full = Math.Min(full, Milliseconds(Published, problem, Theirs));
                double taken = Milliseconds(annealer, PublishedProblems.Within(problem, TimeSpan.FromMilliseconds(20)), Found);
                whole = Math.Max(whole, Found.Evaluations / taken / 1e3);
            }

            double rate = 50 / (longer - shorter), reference = PublishedEvaluations / full / 1e3;
            Write(string.Create(CultureInfo.InvariantCulture, $"| {jobs}, {batch} | {rate:F1} | {whole:F1} | {reference:F3} | {rate / reference:F1} | {whole / reference:F1} |"));
        }
    }

    private static string Line(string name, List<Row> rows)
    {
        string cells = string.Join(" | ", Batches.Select(batch => Text(Mean(rows.Where(row => row.MaxBatch == batch).Select(row => row.Equal)))));
        string met = string.Join(", ", new[] { rows.Average(row => row.RuleMet), rows.Average(row => row.TheirMet), rows.Average(row => row.OurMet) }.Select(share => (100 * share).ToString("F0", CultureInfo.InvariantCulture)));
        return $"| {name} | {rows.Average(row => row.Milliseconds).ToString("F1", CultureInfo.InvariantCulture)} | {cells} | {Text(Mean(rows.Select(row => row.Equal)))} "
            + $"| {Text(Mean(rows.Select(row => row.Longer)))} | {Text(Mean(rows.Select(row => row.Bound)))} | {met} | {Text(Mean(rows.Select(row => row.Latency)))} | {rows.Count(row => row.IsBelowARule)} |";
    }

    private static double Mean(IEnumerable<double> ratios) => Math.Exp(ratios.Average(Math.Log));

    private static string Text(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private static double Milliseconds(IScheduleAnnealer annealer, AnnealingProblem problem, AnnealingSchedule schedule)
    {
        long began = Time.GetTimestamp();
        Solve(annealer, problem, schedule);
        return Time.GetElapsedTime(began).TotalMilliseconds;
    }

    private static void Solve(IScheduleAnnealer annealer, AnnealingProblem problem, AnnealingSchedule schedule) => annealer.AnnealAsync(problem, schedule).AsTask().GetAwaiter().GetResult();

    private static void Write(string line) => Console.WriteLine(line);

    private sealed record Row(int MaxBatch, double Milliseconds, double Equal, double Longer, double Bound, double RuleMet, double TheirMet, double OurMet, double Latency, bool IsBelowARule);
}
