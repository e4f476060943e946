using Microsoft.Extensions.Logging;

namespace LlmScheduling.Tests.Policies;

public sealed class PolicyCallTests
{
    private readonly ErrorLog _log = new();
    private bool _isBroken;

    [Fact]
    public void Ask_PolicyThatFailsStepAfterStep_IsLoggedOnceUntilItRecovers()
    {
        var call = new PolicyCall(_log);
        var stack = new SchedulingStack("shaky", Shaky);
        PolicyCase it = PolicyCase.Of(PolicyCase.View(0));
        foreach (bool broken in (bool[])[true, true, false, true])
        {
            _isBroken = broken;
            Assert.Equal(broken, call.Ask(stack, it.Snapshot, [false], new PriorityKey[1], out _) is not null);
        }

        Assert.Equal(["Policy shaky failed", "Policy shaky failed"], _log.Messages.Select(message => message.Split(';')[0]));
        Assert.Equal(3, call.Faults);
    }

    [Fact]
    public void AskForVictims_PolicyThatFailsStepAfterStep_IsLoggedOnceUntilItRecovers()
    {
        var call = new PolicyCall(_log);
        PolicyCase it = PolicyCase.Of(PolicyCase.View(0));
        foreach (bool broken in (bool[])[true, true, false, true])
        {
            _isBroken = broken;
            Assert.Equal(broken, call.AskForVictims(Shaky, it.Snapshot, new PriorityKey[1]) is not null);
        }

        Assert.Equal(["Victim policy KeyedBy failed", "Victim policy KeyedBy failed"], _log.Messages.Select(message => message.Split(';')[0]));
        Assert.Equal(3, call.Faults);
    }

    private KeyedBy Shaky => new((in RequestView _) => _isBroken ? throw new InvalidOperationException("broken") : new(0, 0));

    private sealed class ErrorLog : ILogger
    {
        public List<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? thrown, Func<TState, Exception?, string> format)
        {
            Assert.Equal(LogLevel.Error, level);
            Messages.Add(format(state, thrown));
        }
    }
}
