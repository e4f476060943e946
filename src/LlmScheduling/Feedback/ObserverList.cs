using Microsoft.Extensions.Logging;

namespace LlmScheduling;

/// <summary>Tells the observers; one that throws is counted, logged once, and skipped for that call.</summary>
internal sealed partial class ObserverList(IReadOnlyList<ISchedulingObserver> observers, ILogger logger)
{
    private readonly ISchedulingObserver[] _observers = [.. observers];
    private long _faults;

    public long Faults => Volatile.Read(ref _faults);

    public void Planned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
        foreach (ISchedulingObserver observer in _observers)
        {
            try
            {
                observer.OnPlanned(snapshot, plan);
            }
            catch (Exception fault)
            {
                Count(observer, fault);
            }
        }
    }

    public void StepCompleted(in BatchShape shape, TimeSpan duration)
    {
        foreach (ISchedulingObserver observer in _observers)
        {
            try
            {
                observer.OnStepCompleted(shape, duration);
            }
            catch (Exception fault)
            {
                Count(observer, fault);
            }
        }
    }

    public void Ended(in EndedRequest request)
    {
        foreach (ISchedulingObserver observer in _observers)
        {
            try
            {
                observer.OnRequestEnded(request);
            }
            catch (Exception fault)
            {
                Count(observer, fault);
            }
        }
    }

    private void Count(ISchedulingObserver observer, Exception fault)
    {
        if (Interlocked.Increment(ref _faults) == 1)
            ObserverFailed(logger, fault, observer.GetType().Name);
    }

    [LoggerMessage(1, LogLevel.Error, "Observer {Observer} threw; it is skipped for that call, and further faults of observers are counted only.")]
    private static partial void ObserverFailed(ILogger logger, Exception fault, string observer);
}
