namespace LlmScheduling;

/// <summary>Which requests to place, on the timeline of the paper: batches one after another, each as long as its longest request.</summary>
/// <remarks>
/// The objective is G: the requests that are met, divided by the sum of all end-to-end latencies ("SLO-Aware Scheduling for Large
/// Language Model Inferences", arXiv 2504.14966); with <see cref="SampledOutputTokens"/> its mean over the scenarios. A server that
/// batches continuously is not such a timeline; docs/annealing.md.
/// </remarks>
public sealed class AnnealingProblem
{
    // With samples a count of met jobs times ScenarioTable.Head must fit 32 bits.
    private const int MostTableEntries = 100_000_000, MostSampledJobs = 1_000_000;

    private TimeSpan? _maxTime;

    /// <summary>The requests.</summary>
    public required ReadOnlyMemory<AnnealingJob> Jobs { get; init; }

    /// <summary>
    /// What the output lengths might be, scenario after scenario: that of job j in scenario s at s * Jobs.Length + j, at least 1. The
    /// objective is then the mean of G over the scenarios, all as likely, and a job's own OutputTokens is only what rules and seeds
    /// order by. Default: none, the lengths are known.
    /// </summary>
    public ReadOnlyMemory<int> SampledOutputTokens { get; init; }

    /// <summary>The time of one prefill, in the batch size and the prompt's length.</summary>
    public required LatencyCoefficients Prefill { get; init; }

    /// <summary>The time of one decode step, in the batch size and the tokens so far.</summary>
    public required LatencyCoefficients Decode { get; init; }

    /// <summary>The most requests in a batch, at least 1.</summary>
    public required int MaxBatch { get; init; }

    /// <summary>Stop after that many evaluated schedules: the result is then a function of problem and seed. At least 1. Default: no such bound.</summary>
    public long? MaxEvaluations { get; init; }

    /// <summary>Stop after that time: the best schedule so far. Above zero. Default: one millisecond, unless <see cref="MaxEvaluations"/> is given.</summary>
    public TimeSpan? MaxTime
    {
        get => _maxTime;
        init => _maxTime = value;
    }

    /// <summary>Draws the moves. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>How many scenarios there are; 0 where the lengths are known.</summary>
    internal int ScenarioCount => Jobs.IsEmpty ? 0 : SampledOutputTokens.Length / Jobs.Length;

    /// <summary>The same problem after a part of <see cref="MaxTime"/> has gone; of that, at least a tick is left.</summary>
    internal AnnealingProblem After(TimeSpan spent)
    {
        if (_maxTime is not { } most || spent <= TimeSpan.Zero)
            return this;
        var left = (AnnealingProblem)MemberwiseClone();
        left._maxTime = most - spent > TimeSpan.Zero ? most - spent : new TimeSpan(1);
        return left;
    }

    private int PaddedScenarios => (ScenarioCount + ScenarioTable.BlockWidth - 1) / ScenarioTable.BlockWidth * ScenarioTable.BlockWidth;

    internal double PrefillMilliseconds(in AnnealingJob job, int batch) => Prefill.Milliseconds(batch, job.InputTokens);

    internal double DecodeMilliseconds(in AnnealingJob job, int batch) => Decode.SumOfSteps(batch, job.InputTokens, job.OutputTokens);

    /// <summary>A job with the output length that it has in a scenario.</summary>
    internal AnnealingJob InScenario(int scenario, int job) => Jobs.Span[job] with { OutputTokens = SampledOutputTokens.Span[scenario * Jobs.Length + job] };

    /// <summary>Throws unless every number is in its range, and every request takes a time above 0 in any batch.</summary>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatch, 1);
        if (MaxEvaluations is < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxEvaluations), MaxEvaluations, "MaxEvaluations must be at least 1.");
        if (MaxTime is { } time && time <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(MaxTime), MaxTime, "MaxTime must be above zero.");
        if (Jobs.IsEmpty ? !SampledOutputTokens.IsEmpty : SampledOutputTokens.Length % Jobs.Length != 0)
            throw new ArgumentException("SampledOutputTokens must hold one length per job and scenario.", nameof(SampledOutputTokens));
        if ((long)Jobs.Length * Math.Min(MaxBatch, Jobs.Length) * Math.Max(1, PaddedScenarios) > MostTableEntries)
            throw new ArgumentException($"Jobs times the largest batch, times the scenarios (rounded up to a multiple of {ScenarioTable.BlockWidth}) where lengths are sampled, must be at most {MostTableEntries}.", nameof(Jobs));
        double total = 0;
        foreach (ref readonly AnnealingJob job in Jobs.Span)
        {
            if (job.InputTokens < 1 || job.OutputTokens < 1)
                throw new ArgumentException("InputTokens and OutputTokens of every job must be at least 1.", nameof(Jobs));
            if (!(job.EndToEndMilliseconds > 0 && job.FirstTokenMilliseconds > 0 && job.TokenMilliseconds > 0))
                throw new ArgumentException("The limits of every job must be above 0.", nameof(Jobs));
            total += LongestRun(job, nameof(Jobs));
        }

        CheckTotal(total, nameof(Jobs));
        if (ScenarioCount > 0 && Jobs.Length > MostSampledJobs)
            throw new ArgumentException($"Jobs must be at most {MostSampledJobs} where lengths are sampled.", nameof(Jobs));
        for (int scenario = 0; scenario < ScenarioCount; scenario++)
        {
            total = 0;
            for (int index = 0; index < Jobs.Length; index++)
            {
                AnnealingJob job = InScenario(scenario, index);
                if (job.OutputTokens < 1)
                    throw new ArgumentException("SampledOutputTokens must be at least 1.", nameof(SampledOutputTokens));
                total += LongestRun(job, nameof(SampledOutputTokens));
            }

            CheckTotal(total, nameof(SampledOutputTokens));
        }
    }

    // Both times are linear in the batch size: what holds at its ends holds between them.
    private double LongestRun(in AnnealingJob job, string name)
    {
        int largest = Math.Min(MaxBatch, Jobs.Length);
        double alone = PrefillMilliseconds(job, 1) + DecodeMilliseconds(job, 1), crowded = PrefillMilliseconds(job, largest) + DecodeMilliseconds(job, largest);
        if (!(alone > 0 && crowded > 0))
            throw new ArgumentException("Prefill and decode of every job must take a time above 0 together.", name);
        return Math.Max(alone, crowded);
    }

    private static void CheckTotal(double total, string name)
    {
        if (!(total <= TimeTable.MostMilliseconds))
            throw new ArgumentException($"All jobs together must take at most {TimeTable.MostMilliseconds} milliseconds.", name);
    }
}
