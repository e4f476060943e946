namespace LlmScheduling.SoakTests;

/// <summary>An observer that counts how often each request ended and in what way, and then throws.</summary>
internal sealed class ThrowingObserver(int requests) : ISchedulingObserver
{
    private readonly int[] _ends = new int[requests], _outcomes = new int[Enum.GetValues<RequestOutcome>().Length];

    public bool AnyTwice => _ends.Any(ends => ends > 1);

    public int Ends(RequestOutcome outcome) => _outcomes[(int)outcome];

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
        _outcomes[(int)request.Outcome]++;
        _ends[request.Id.Sequence]++;
        throw new InvalidOperationException("observer");
    }
}
