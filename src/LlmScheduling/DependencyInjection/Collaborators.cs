using System.Diagnostics.Metrics;
using LlmScheduling;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>How the collaborators of one registered scheduler or gate are made.</summary>
internal sealed class Collaborators
{
    public Func<IServiceProvider, IRequestRanker>? Ranker { get; set; }

    public Func<IServiceProvider, ILengthPredictor>? LengthPredictor { get; set; }

    public Func<IServiceProvider, OnlineRankerTrainer>? OnlineRanker { get; set; }

    public bool CalibratesLengths { get; set; }

    public Func<IServiceProvider, IQueueAnnealer>? Annealer { get; set; }

    public Func<IServiceProvider, ISloModel>? Slo { get; set; }

    public Func<IServiceProvider, ILatencyModel>? Latency { get; set; }

    public Func<IServiceProvider, ISchedulingPolicy>? VictimPolicy { get; set; }

    public Func<IServiceProvider, DecisionLog>? DecisionLog { get; set; }

    public List<Func<IServiceProvider, ISchedulingObserver>> Observers { get; } = [];

    public SchedulerServices Make(string name, IServiceProvider services)
    {
        ILengthPredictor? lengths = LengthPredictor?.Invoke(services);
        ConformalLengthPredictor? calibrated = CalibratesLengths ? new ConformalLengthPredictor(lengths) : null;
        var observers = new List<ISchedulingObserver>(Observers.Select(make => make(services)));
        if (calibrated is not null)
            observers.Add(calibrated);
        if (OnlineRanker is not null)
            observers.Add(LlmSchedulerServiceCollectionExtensions.Resolve<OnlineRankerTrainer>(services, name));
        return new SchedulerServices
        {
            Name = name,
            Ranker = Ranker?.Invoke(services),
            LengthPredictor = calibrated ?? lengths,
            Annealer = Annealer?.Invoke(services),
            Slo = Slo?.Invoke(services),
            Latency = Latency?.Invoke(services),
            VictimPolicy = VictimPolicy?.Invoke(services),
            DecisionLog = DecisionLog is null ? null : LlmSchedulerServiceCollectionExtensions.Resolve<DecisionLog>(services, name),
            Observers = observers,
            TimeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System,
            LoggerFactory = services.GetService<ILoggerFactory>(),
            MeterFactory = services.GetService<IMeterFactory>(),
        };
    }
}
