namespace LlmScheduling.Simulation;

/// <summary>
/// Finds runs that cannot be right because others contradict them: a batch of no fewer and no shorter prompts never takes much
/// less time, and once a prefill is far above the engine's shortest one, a token never becomes much cheaper.
/// </summary>
internal static class ContradictedRuns
{
    private const double LeastShare = 0.7, LeastTokenShare = 0.5, FarAboveShortest = 2;

    /// <summary>The configurations to leave out; repeats are judged by their median.</summary>
    public static HashSet<(string Hardware, int PromptTokens, int Batch)> Of(IReadOnlyList<ProfileRow> rows)
    {
        var faulty = new HashSet<(string, int, int)>();
        foreach (IGrouping<string, ProfileRow> engine in rows.GroupBy(row => row.Hardware))
        {
            // Ties go to the larger, so the larger stand first.
            List<Run> kept = [.. engine
                .GroupBy(row => row.PrefillConfiguration)
                .Select(runs => new Run(runs.Key.PromptTokens, runs.Key.Batch, Quantile.Of([.. runs.Select(row => row.PrefillSeconds)], 0.5)))
                .OrderByDescending(run => run.Tokens)];
            while (true)
            {
                double shortest = kept.Min(run => run.Seconds);
                (Run worst, int contradictions) = kept
                    .Select(run => (run, kept.Count(other => Contradict(run, other, shortest) || Contradict(other, run, shortest))))
                    .MaxBy(pair => pair.Item2);
                if (contradictions == 0)
                    break;
                faulty.Add((engine.Key, worst.PromptTokens, worst.Batch));
                kept.Remove(worst);
            }
        }

        return faulty;
    }

    private static bool Contradict(Run less, Run more, double shortest) =>
        less != more && less.PromptTokens <= more.PromptTokens && less.Batch <= more.Batch
        && (more.Seconds < LeastShare * less.Seconds
            || (less.Seconds > FarAboveShortest * shortest && (more.Seconds - shortest) / more.Tokens < LeastTokenShare * (less.Seconds - shortest) / less.Tokens));

    private readonly record struct Run(int PromptTokens, int Batch, double Seconds)
    {
        public double Tokens => (double)PromptTokens * Batch;
    }
}
