using LlmScheduling;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses what a registered <see cref="BatchScheduler"/> works with. The last choice of one kind holds; observers add up.</summary>
/// <remarks>
/// Factories run once, when the scheduler is first resolved. What they make is theirs to dispose, but for the decision log: to
/// have the container dispose it, register it and resolve it in the factory.
/// </remarks>
public sealed class BatchSchedulerBuilder
{
    internal BatchSchedulerBuilder(string name, IServiceCollection services) => (Name, Services) = (name, services);

    /// <summary>The scheduler's key; empty for the unkeyed one.</summary>
    public string Name { get; }

    /// <summary>Where it is registered.</summary>
    public IServiceCollection Services { get; }

    /// <summary>A bare policy with the strict planner; its type names it in metrics and logs.</summary>
    public BatchSchedulerBuilder UsePolicy(ISchedulingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Use(new SchedulingStack(policy.GetType().Name, policy));
    }

    /// <summary>A policy with its allocation.</summary>
    public BatchSchedulerBuilder Use(SchedulingStack stack)
    {
        ArgumentNullException.ThrowIfNull(stack);
        return Use(_ => stack);
    }

    /// <summary>A policy with its allocation, made with the container's services.</summary>
    public BatchSchedulerBuilder Use(Func<IServiceProvider, SchedulingStack> stack)
    {
        ArgumentNullException.ThrowIfNull(stack);
        return Compose(composition => composition.Stack = stack);
    }

    /// <summary>Scores prompts beside the engine's loop.</summary>
    public BatchSchedulerBuilder UseRanker(Func<IServiceProvider, IRequestRanker> ranker)
    {
        ArgumentNullException.ThrowIfNull(ranker);
        return Compose(composition => composition.Collaborators.Ranker = ranker);
    }

    /// <summary>Scores prompts by a file of <see cref="PromptFeatureRanker"/>, and predicts lengths by it; the file is read when the first of both is needed.</summary>
    public BatchSchedulerBuilder UsePromptRanker(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var ranker = new Lazy<PromptFeatureRanker>(() => PromptFeatureRanker.Read(path));
        return UseRanker(_ => ranker.Value).UseLengthPredictor(_ => ranker.Value);
    }

    /// <summary>Scores prompts by <paramref name="ranker"/>, and predicts lengths by it.</summary>
    public BatchSchedulerBuilder UsePromptRanker(PromptFeatureRanker ranker)
    {
        ArgumentNullException.ThrowIfNull(ranker);
        return UseRanker(_ => ranker).UseLengthPredictor(_ => ranker);
    }

    /// <summary>
    /// Learns from completed requests, while it serves, how to score prompts: from nothing, unless given. The trainer is registered under this
    /// name, and the container disposes it. What it has learnt dies with the process: to keep it, resolve the trainer and write it.
    /// </summary>
    public BatchSchedulerBuilder UseOnlineRanker(Func<IServiceProvider, OnlineRankerTrainer>? trainer = null)
    {
        string name = Name;
        LlmSchedulerServiceCollectionExtensions.TryAdd(
            Services, name, provider => LlmSchedulerServiceCollectionExtensions.Named<SchedulerComposition>(provider, name).Collaborators.OnlineRanker!(provider));
        Compose(composition => composition.Collaborators.OnlineRanker = trainer ?? (static _ => new OnlineRankerTrainer()));
        return UseRanker(provider => LlmSchedulerServiceCollectionExtensions.Resolve<OnlineRankerTrainer>(provider, name).Ranker)
            .UseLengthPredictor(provider => LlmSchedulerServiceCollectionExtensions.Resolve<OnlineRankerTrainer>(provider, name).Ranker);
    }

    /// <summary>Corrects predicted lengths by what became of them (<see cref="ConformalLengthPredictor"/>); without another predictor it predicts from scores alone.</summary>
    public BatchSchedulerBuilder CalibrateLengths() => Compose(composition => composition.Collaborators.CalibratesLengths = true);

    /// <summary>Turns scores into lengths.</summary>
    public BatchSchedulerBuilder UseLengthPredictor(Func<IServiceProvider, ILengthPredictor> predictor)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        return Compose(composition => composition.Collaborators.LengthPredictor = predictor);
    }

    /// <summary>Plans the queue beside the engine's loop, for <see cref="AnnealedSlo"/> or another policy that reads plans; with a <see cref="SeatsAnnealer"/>, unless given.</summary>
    public BatchSchedulerBuilder UseAnnealing(Func<IServiceProvider, IQueueAnnealer>? annealer = null) =>
        Compose(composition => composition.Collaborators.Annealer = annealer ?? (static _ => new SeatsAnnealer()));

    /// <summary>Decides what requests are promised; what they declare, unless set.</summary>
    public BatchSchedulerBuilder UseSloModel(Func<IServiceProvider, ISloModel> slo)
    {
        ArgumentNullException.ThrowIfNull(slo);
        return Compose(composition => composition.Collaborators.Slo = slo);
    }

    /// <summary>Predicts steps; learnt from completed steps, unless set.</summary>
    public BatchSchedulerBuilder UseLatencyModel(Func<IServiceProvider, ILatencyModel> latency)
    {
        ArgumentNullException.ThrowIfNull(latency);
        return Compose(composition => composition.Collaborators.Latency = latency);
    }

    /// <summary>Chooses who loses KV blocks first under pressure; the latest admitted, unless set.</summary>
    public BatchSchedulerBuilder UseVictimPolicy(Func<IServiceProvider, ISchedulingPolicy> policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Compose(composition => composition.Collaborators.VictimPolicy = policy);
    }

    /// <summary>Adds someone who watches, on the engine's thread.</summary>
    public BatchSchedulerBuilder AddObserver(Func<IServiceProvider, ISchedulingObserver> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return Compose(composition => composition.Collaborators.Observers.Add(observer));
    }

    /// <summary>Records every decision. The log is registered under the scheduler's name, and the container disposes it after the scheduler.</summary>
    public BatchSchedulerBuilder UseDecisionLog(Func<IServiceProvider, DecisionLog> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        string name = Name;
        LlmSchedulerServiceCollectionExtensions.TryAdd(
            Services, name, provider => LlmSchedulerServiceCollectionExtensions.Named<SchedulerComposition>(provider, name).Collaborators.DecisionLog!(provider));
        return Compose(composition => composition.Collaborators.DecisionLog = log);
    }

    private BatchSchedulerBuilder Compose(Action<SchedulerComposition> choose)
    {
        Services.Configure(Name, choose);
        return this;
    }
}
