using System.Collections.Concurrent;

namespace LlmScheduling.Tests.Admission;

/// <summary>A gate on a manual clock, and what its observer has seen.</summary>
internal sealed class GateRig : ISchedulingObserver, IDisposable
{
    public GateRig(AdmissionGateOptions? options = null, ISchedulingPolicy? policy = null, IInstanceAssignment? assignment = null, IRequestRanker? ranker = null, ISloModel? slo = null, Func<ManualTimeProvider, TimeProvider>? time = null)
    {
        var services = new SchedulerServices { TimeProvider = time?.Invoke(Clock) ?? Clock, Observers = [this], Ranker = ranker, Slo = slo };
        Gate = new AdmissionGate(policy ?? new FirstComeFirstServed(), options ?? OneSeat, services, assignment);
    }

    public static AdmissionGateOptions OneSeat => new() { MaxSequences = 1 };

    public ManualTimeProvider Clock { get; } = new();

    public AdmissionGate Gate { get; }

    public ConcurrentQueue<EndedRequest> Ended { get; } = new();

    public static InferenceRequest Request(int prompt = 10, int output = 10, int priority = 0, string tenant = "", TimeSpan? queueTimeout = null, string text = "") =>
        new() { PromptTokens = prompt, MaxOutputTokens = output, Priority = priority, Tenant = tenant, QueueTimeout = queueTimeout, Prompt = text.AsMemory() };

    /// <summary>A seat that must be had at once.</summary>
    public AdmissionLease Seat(InferenceRequest? request = null)
    {
        ValueTask<AdmissionLease> lease = Gate.AcquireAsync(request ?? Request());
        Assert.True(lease.IsCompletedSuccessfully);
        Assert.True(lease.Result.IsAcquired, $"refused as {lease.Result.Refusal}");
        return lease.Result;
    }

    /// <summary>A request that must have to wait.</summary>
    public Task<AdmissionLease> Wait(InferenceRequest? request = null, CancellationToken cancellationToken = default)
    {
        Task<AdmissionLease> lease = Gate.AcquireAsync(request ?? Request(), cancellationToken).AsTask();
        Assert.False(lease.IsCompleted);
        return lease;
    }

    /// <summary>An answer that must be there, or come without the clock moving.</summary>
    public static async Task<AdmissionLease> Soon(Task<AdmissionLease> lease) => await lease.WaitAsync(TimeSpan.FromSeconds(30));

    public void Advance(double milliseconds) => Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan) => throw new InvalidOperationException("A gate plans no steps.");

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration) => throw new InvalidOperationException("A gate completes no steps.");

    public void OnRequestEnded(in EndedRequest request) => Ended.Enqueue(request);

    public void Dispose() => Gate.Dispose();
}
