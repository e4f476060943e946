using LlmScheduling.Tests;
using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI.Tests;

/// <summary>A scripted client behind a gate of one seat on a manual clock, and how its requests ended.</summary>
internal sealed class ChatRig : ISchedulingObserver, IDisposable
{
    public ChatRig(Action<SchedulingChatOptions>? options = null, AdmissionGateOptions? gate = null)
    {
        Gate = new AdmissionGate(new FirstComeFirstServed(), gate ?? new AdmissionGateOptions { MaxSequences = 1 }, new SchedulerServices { TimeProvider = Clock, Observers = [this] });
        Client = Inner.UseScheduling(Gate, options);
    }

    public ManualTimeProvider Clock { get; } = new();

    public ScriptedClient Inner { get; } = new();

    public AdmissionGate Gate { get; }

    public SchedulingChatClient Client { get; }

    public List<EndedRequest> Ended { get; } = [];

    public int FreeSeats => Gate.GetStatistics().FreeSeats;

    public async Task<AdmissionLease> SeatAsync() => await Gate.AcquireAsync(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1 });

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request) => Ended.Add(request);

    public void Dispose() => Gate.Dispose();
}
