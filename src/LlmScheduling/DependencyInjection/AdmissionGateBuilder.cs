using LlmScheduling;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses what a registered <see cref="AdmissionGate"/> works with. The last choice of one kind holds; observers add up.</summary>
/// <remarks>
/// Factories run once, when the gate is first resolved. What they make is theirs to dispose: to have the container dispose it,
/// register it and resolve it in the factory.
/// </remarks>
public sealed class AdmissionGateBuilder
{
    internal AdmissionGateBuilder(string name, IServiceCollection services) => (Name, Services) = (name, services);

    /// <summary>The gate's key; empty for the unkeyed one.</summary>
    public string Name { get; }

    /// <summary>Where it is registered.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Who goes first.</summary>
    public AdmissionGateBuilder UsePolicy(ISchedulingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return UsePolicy(_ => policy);
    }

    /// <summary>Who goes first, under the name that metrics call it by; otherwise that is the name of its type, which for a decorated policy is the decorator's.</summary>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or blank.</exception>
    public AdmissionGateBuilder UsePolicy(ISchedulingPolicy policy, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return UsePolicy(policy).Compose(composition => composition.PolicyName = name);
    }

    /// <summary>Who goes first, made with the container's services.</summary>
    public AdmissionGateBuilder UsePolicy(Func<IServiceProvider, ISchedulingPolicy> policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Compose(composition => (composition.Policy, composition.PolicyName) = (policy, null));
    }

    /// <summary>Where the first in the order runs; on the instance with most free sequences, unless set.</summary>
    public AdmissionGateBuilder UseAssignment(Func<IServiceProvider, IInstanceAssignment> assignment)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        return Compose(composition => composition.Assignment = assignment);
    }

    /// <summary>Scores prompts beside the decisions.</summary>
    public AdmissionGateBuilder UseRanker(Func<IServiceProvider, IRequestRanker> ranker)
    {
        ArgumentNullException.ThrowIfNull(ranker);
        return Compose(composition => composition.Collaborators.Ranker = ranker);
    }

    /// <summary>Scores prompts by a file of <see cref="PromptFeatureRanker"/>, and predicts lengths by it; the file is read when the first of both is needed.</summary>
    public AdmissionGateBuilder UsePromptRanker(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var ranker = new Lazy<PromptFeatureRanker>(() => PromptFeatureRanker.Read(path));
        return UseRanker(_ => ranker.Value).UseLengthPredictor(_ => ranker.Value);
    }

    /// <summary>Scores prompts by <paramref name="ranker"/>, and predicts lengths by it.</summary>
    public AdmissionGateBuilder UsePromptRanker(PromptFeatureRanker ranker)
    {
        ArgumentNullException.ThrowIfNull(ranker);
        return UseRanker(_ => ranker).UseLengthPredictor(_ => ranker);
    }

    /// <summary>
    /// Learns from completed requests, while it serves, how to score prompts: from nothing, unless given. The trainer is registered under this
    /// name, and the container disposes it. What it has learnt dies with the process: to keep it, resolve the trainer and write it.
    /// </summary>
    public AdmissionGateBuilder UseOnlineRanker(Func<IServiceProvider, OnlineRankerTrainer>? trainer = null)
    {
        string name = Name;
        LlmSchedulerServiceCollectionExtensions.TryAdd(
            Services, name, provider => LlmSchedulerServiceCollectionExtensions.Named<GateComposition>(provider, name).Collaborators.OnlineRanker!(provider));
        Compose(composition => composition.Collaborators.OnlineRanker = trainer ?? (static _ => new OnlineRankerTrainer()));
        return UseRanker(provider => LlmSchedulerServiceCollectionExtensions.Resolve<OnlineRankerTrainer>(provider, name).Ranker)
            .UseLengthPredictor(provider => LlmSchedulerServiceCollectionExtensions.Resolve<OnlineRankerTrainer>(provider, name).Ranker);
    }

    /// <summary>Corrects predicted lengths by what became of them (<see cref="ConformalLengthPredictor"/>); without another predictor it predicts from scores alone.</summary>
    public AdmissionGateBuilder CalibrateLengths() => Compose(composition => composition.Collaborators.CalibratesLengths = true);

    /// <summary>Turns scores into lengths.</summary>
    public AdmissionGateBuilder UseLengthPredictor(Func<IServiceProvider, ILengthPredictor> predictor)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        return Compose(composition => composition.Collaborators.LengthPredictor = predictor);
    }

    /// <summary>Decides what requests are promised; what they declare, unless set.</summary>
    public AdmissionGateBuilder UseSloModel(Func<IServiceProvider, ISloModel> slo)
    {
        ArgumentNullException.ThrowIfNull(slo);
        return Compose(composition => composition.Collaborators.Slo = slo);
    }

    /// <summary>Prices work for the policies that ask for it.</summary>
    public AdmissionGateBuilder UseLatencyModel(Func<IServiceProvider, ILatencyModel> latency)
    {
        ArgumentNullException.ThrowIfNull(latency);
        return Compose(composition => composition.Collaborators.Latency = latency);
    }

    /// <summary>Adds someone who watches, on whichever thread decides.</summary>
    public AdmissionGateBuilder AddObserver(Func<IServiceProvider, ISchedulingObserver> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return Compose(composition => composition.Collaborators.Observers.Add(observer));
    }

    private AdmissionGateBuilder Compose(Action<GateComposition> choose)
    {
        Services.Configure(Name, choose);
        return this;
    }
}
