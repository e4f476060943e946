namespace LlmScheduling.Simulation;

/// <summary>How a replay is run, apart from workload, engine and policy.</summary>
public sealed record ReplayOptions
{
    internal const int MostInstances = 1_024;

    /// <summary>What policies may know of output lengths. Default: everything.</summary>
    public LengthKnowledge Lengths { get; init; } = LengthKnowledge.Oracle;

    /// <summary>What each request is promised by its class; null: only the deadlines of the trace.</summary>
    public SloTable? Slo { get; init; }

    /// <summary>Chooses whose KV blocks are taken under pressure; null: the latest admitted.</summary>
    public ISchedulingPolicy? VictimPolicy { get; init; }

    /// <summary>Seeds every random choice. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Makes the annealer of each queue, which plans it every 0.2 s at most; null: nothing is planned.</summary>
    public Func<IQueueAnnealer>? Annealer { get; init; }

    /// <summary>Virtual time from the moment that an annealer plans for to when its plan is in force; 0 or more. Default: 5 ms.</summary>
    public TimeSpan AnnealingDelay { get; init; } = TimeSpan.FromMilliseconds(5);

