namespace LlmScheduling.SoakTests;

/// <summary>An observer that counts how often each request ended, and then throws.</summary>
internal sealed class ThrowingObserver(int requests) : ISchedulingObserver
{
    private readonly int[] _ends = new int[requests];

    public long Ended { get; private set; }

    public long TimedOut { get; private set; }

    public bool AnyTwice => _ends.Any(ends => ends > 1);

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
        if (plan.Step % 3 == 0)
            throw new InvalidOperationException("observer");
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
        if (shape.PrefillTokens % 3 == 0)
            throw new InvalidOperationException("observer");
    }

    public void OnRequestEnded(in EndedRequest request)
    {
        Ended++;
        TimedOut += request.Outcome == RequestOutcome.TimedOutInQueue ? 1 : 0;
        _ends[request.Id.Sequence]++;
        throw new InvalidOperationException("observer");
    }
}
