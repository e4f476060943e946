using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmScheduling.AspNetCore.Tests.Health;

public sealed class AdmissionGateHealthCheckTests
{
    [Fact]
    public async Task Check_FollowsTheQueue()
    {
        await using WebRig rig = await StartAsync(gate => gate.MaxQueuedRequests = 5);
        await rig.SeatAsync();
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(rig));

        Wait(rig, 3);
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(rig));
        Wait(rig, 1);
        Assert.Equal(HealthStatus.Degraded, await StatusAsync(rig));
        Wait(rig, 1);
        Assert.Equal(HealthStatus.Unhealthy, await StatusAsync(rig));
    }

    [Fact]
    public async Task Check_FollowsQueuedTokens()
    {
        await using WebRig rig = await StartAsync(gate => gate.MaxQueuedTokens = 20);
        await rig.SeatAsync();

        Wait(rig, 2);

        HealthReportEntry entry = await EntryAsync(rig);
        Assert.Equal((HealthStatus.Unhealthy, 20L), (entry.Status, entry.Data["queued_tokens"]));
    }

    [Fact]
    public async Task Check_OfAGateWithoutAQueue_IsHealthyWhenAllSeatsAreTaken()
    {
        await using WebRig rig = await StartAsync(gate => gate.MaxQueuedRequests = 0);
        await rig.SeatAsync();

        Assert.Equal(HealthStatus.Healthy, await StatusAsync(rig));
    }

    [Fact]
    public async Task Check_AfterAFault_IsDegradedUntilItIsForgotten()
    {
        await using WebRig rig = await StartAsync();
        ISchedulingPolicy sound = rig.Gate.Policy;
        rig.Gate.Policy = new Throws();
        (await rig.Gate.AcquireAsync(WebRig.Plain())).Dispose();
        rig.Gate.Policy = sound;

        Assert.Equal(HealthStatus.Degraded, await StatusAsync(rig));
        rig.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HealthStatus.Degraded, await StatusAsync(rig));
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(rig));
    }

    [Fact]
    public async Task Check_OfAStoppedGate_IsUnhealthy()
    {
        await using WebRig rig = await StartAsync();
        rig.Gate.StopAccepting();

        Assert.Equal(HealthStatus.Unhealthy, await StatusAsync(rig));
    }

    [Fact]
    public async Task Check_WithThresholds_TakesThem()
    {
        await using WebRig rig = await StartAsync(gate => gate.MaxQueuedRequests = 4, health => (health.DegradedQueueFill, health.UnhealthyQueueFill) = (0.25, 0.5));
        await rig.SeatAsync();

        Wait(rig, 1);
        Assert.Equal(HealthStatus.Degraded, await StatusAsync(rig));
        Wait(rig, 1);
        Assert.Equal(HealthStatus.Unhealthy, await StatusAsync(rig));
    }

    [Fact]
    public void Options_OutOfRange_AreNamed()
    {
        IHealthChecksBuilder checks = new ServiceCollection().AddHealthChecks();

        Assert.Contains("DegradedQueueFill is NaN", Assert.Throws<ArgumentException>(() => checks.AddLlmAdmissionGate("a", options => options.DegradedQueueFill = double.NaN)).Message, StringComparison.Ordinal);
        Assert.Contains("UnhealthyQueueFill is -1", Assert.Throws<ArgumentException>(() => checks.AddLlmAdmissionGate("a", options => options.UnhealthyQueueFill = -1)).Message, StringComparison.Ordinal);
        Assert.Contains("FaultMemory is -00:00:01", Assert.Throws<ArgumentException>(() => checks.AddLlmAdmissionGate("a", options => options.FaultMemory = TimeSpan.FromSeconds(-1))).Message, StringComparison.Ordinal);
    }

    private static Task<WebRig> StartAsync(Action<AdmissionGateOptions>? gate = null, Action<AdmissionGateHealthOptions>? health = null) => WebRig.StartAsync(
        Server.Test,
        app => app.MapHealthChecks("/ready"),
        gate,
        build: builder => builder.Services.AddHealthChecks().AddLlmAdmissionGate("chat", health, tags: ["ready"]));

    private static void Wait(WebRig rig, int more)
    {
        int before = rig.Gate.GetStatistics().QueuedRequests;
        for (int i = 0; i < more; i++)
            Assert.False(rig.Gate.AcquireAsync(WebRig.Plain()).IsCompleted);
        Assert.Equal(before + more, rig.Gate.GetStatistics().QueuedRequests);
    }

    private static async Task<HealthStatus> StatusAsync(WebRig rig) => (await EntryAsync(rig)).Status;

    private static async Task<HealthReportEntry> EntryAsync(WebRig rig) =>
        (await rig.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["llm_scheduling_chat"];

    private sealed class Throws : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys) => throw new InvalidOperationException("broken");
    }
}
