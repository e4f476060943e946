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

    /// <summary>Engines of these settings, each with steps of its own; 1 to 1,024. Default: 1.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Binds every request to an instance when it arrives, as if each had room for everybody; null: all instances draw from one queue, and a request is bound when an instance has a seat and tokens for it.</summary>
    public IInstanceAssignment? Assignment { get; init; }

    /// <summary>Makes the annealer of each queue, which plans it every 0.2 s at most; null: nothing is planned.</summary>
    public Func<IQueueAnnealer>? Annealer { get; init; }

    /// <summary>Virtual time from the moment that an annealer plans for to when its plan is in force; 0 or more. Default: 5 ms.</summary>
    public TimeSpan AnnealingDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Watches the scheduler of the first rank, or all that draw from one queue.</summary>
    public IReadOnlyList<ISchedulingObserver> Observers { get; init; } = [];

    /// <summary>Told the share of requests that have ended, 0 to 1, now and then.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Arrivals stay outside while this many requests wait; null for no bound. Changes nothing but the cost where the policy serves them in order anyway.</summary>
    internal long? MostWaiting { get; init; }

    /// <summary>Told every step.</summary>
    internal StepLog? Steps { get; init; }
}
