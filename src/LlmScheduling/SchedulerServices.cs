using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>Collaborators of a scheduler or gate; never bound from configuration. All may be absent.</summary>
public sealed class SchedulerServices
{
    /// <summary>Tells schedulers of one process apart in metrics; empty: not told. Default: empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Under KV pressure the running request with the largest key loses its blocks; equal keys: the latest arrived, then the latest admitted. Null, or when it throws or answers NaN: the latest admitted.</summary>
    public ISchedulingPolicy? VictimPolicy { get; init; }

    /// <summary>Scores prompts, beside the loop. Null: nothing is ranked.</summary>
    public IRequestRanker? Ranker { get; init; }

    /// <summary>Turns scores into lengths. Null: lengths are the traffic class's running figures.</summary>
    public ILengthPredictor? LengthPredictor { get; init; }

    /// <summary>Plans the queue of a <see cref="BatchScheduler"/>, beside the loop, for policies that read <see cref="RequestView.PlannedPosition"/>; it belongs to that scheduler alone. A gate has none. Null: nothing is planned.</summary>
    public IQueueAnnealer? Annealer { get; init; }

    /// <summary>What requests are promised. Null: what they declare.</summary>
    public ISloModel? Slo { get; init; }

    /// <summary>Predicts steps. Null: learnt from the steps that are completed.</summary>
    public ILatencyModel? Latency { get; init; }

    /// <summary>Who watches.</summary>
    public IReadOnlyList<ISchedulingObserver> Observers { get; init; } = [];

    /// <summary>Records every decision of a <see cref="BatchScheduler"/>; it belongs to that scheduler alone, and is disposed after it by whoever made it. Null: nothing is recorded.</summary>
    public DecisionLog? DecisionLog { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where faults are told. Null: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Where instruments come from. Null: a meter of the scheduler's own.</summary>
    public IMeterFactory? MeterFactory { get; init; }
}
