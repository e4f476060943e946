namespace LlmScheduling;

/// <summary>What the enqueuing thread holds: the request's identity and the promise of its outcome.</summary>
public sealed class RequestTicket
{
    private readonly TaskCompletionSource<RequestOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal RequestTicket(RequestId id, InferenceRequest request)
    {
        Id = id;
        Request = request;
    }

    /// <summary>The request's identity in this scheduler.</summary>
    public RequestId Id { get; }

    /// <summary>The request as it was enqueued.</summary>
    public InferenceRequest Request { get; }

    /// <summary>
    /// Completes exactly once with how the request ended; never faults, never is cancelled, and never runs a continuation on
    /// the engine's thread. Already completed when the request was refused at once.
    /// </summary>
    public Task<RequestOutcome> Outcome => _outcome.Task;

    internal bool TryEnd(RequestOutcome outcome) => _outcome.TrySetResult(outcome);
}
