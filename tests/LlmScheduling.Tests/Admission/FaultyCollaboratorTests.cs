using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.Tests.Admission;

public class FaultyCollaboratorTests
{
    [Fact]
    public async Task AcquireAsync_LatencyModelThrows_CostsNobodyASeat()
    {
        using var gate = new AdmissionGate(new FirstComeFirstServed(), GateRig.OneSeat, new SchedulerServices { Latency = new Broken() });

        using AdmissionLease lease = await GateRig.Soon(gate.AcquireAsync(GateRig.Request()).AsTask());
        lease.Dispose();

        Assert.True(lease.IsAcquired);
        Assert.Equal(1, gate.GetStatistics().FreeSeats);
    }

    [Fact]
    public void AcquireAsync_SloModelThrows_FailsThatCallAndCostsNobodyASeat()
    {
        using var rig = new GateRig(slo: new Broken());

        Assert.Throws<InvalidOperationException>(() => _ = rig.Gate.AcquireAsync(GateRig.Request()).IsCompleted);

        AdmissionStatistics now = rig.Gate.GetStatistics();
        Assert.Equal((1, 0, 0L), (now.FreeSeats, now.QueuedRequests, now.QueuedTokens));
    }

    [Fact]
    public async Task AcquireAsync_MeterListenerThrows_FailsThatCallAndCostsNobodyASeat()
    {
        var meters = new OneMeterFactory();
        using var listener = new MeterListener();
        using var gate = new AdmissionGate(new FirstComeFirstServed(), GateRig.OneSeat, new SchedulerServices { MeterFactory = meters });
        bool isBroken = true;
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == "llm_scheduling.queue.duration")
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
        {
            if (isBroken)
                throw new InvalidOperationException("broken");
        });
        listener.Start();

        Assert.Throws<InvalidOperationException>(() => _ = gate.AcquireAsync(GateRig.Request()).IsCompleted);
        isBroken = false;

        Assert.Equal(1, gate.GetStatistics().FreeSeats);
        Assert.True((await GateRig.Soon(gate.AcquireAsync(GateRig.Request()).AsTask())).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_LoggerThrowsOfAPolicyThatFails_FailsThatCallOnly()
    {
        using var gate = new AdmissionGate(new Broken(), GateRig.OneSeat, new SchedulerServices { LoggerFactory = new BrokenLog() });

        Assert.Throws<InvalidOperationException>(() => _ = gate.AcquireAsync(GateRig.Request()).IsCompleted);

        Assert.Equal(0, gate.GetStatistics().QueuedRequests);
        Assert.True((await GateRig.Soon(gate.AcquireAsync(GateRig.Request()).AsTask())).IsAcquired);
    }

    private sealed class BrokenLog : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("broken log");

        public void Dispose()
        {
        }
    }

    private sealed class Broken : ILatencyModel, ISloModel, ISchedulingPolicy
    {
        public TimeSpan PredictStep(in BatchShape shape) => throw new InvalidOperationException("broken");

        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys) => throw new InvalidOperationException("broken");

        public SloTargets TargetsFor(InferenceRequest request) => throw new InvalidOperationException("broken");
    }
}
