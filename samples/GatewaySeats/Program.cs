using LlmScheduling;

// Two engines with four seats and 4,000 tokens each, behind one queue of at most sixteen.
EchoEngine[] engines = [new("left"), new("right")];
using var gate = new AdmissionGate(
    new FirstComeFirstServed(),
    new AdmissionGateOptions { Instances = engines.Length, MaxSequences = 4, MaxTokens = 4_000, MaxQueuedRequests = 16 },
    assignment: new LargestRemainingMemory());

Task<string>[] answers = [.. Enumerable.Range(1, 40).Select(i => AnswerAsync(
    new InferenceRequest { PromptTokens = 100 * i, MaxOutputTokens = 32, QueueTimeout = TimeSpan.FromSeconds(5) }))];
foreach (string answer in await Task.WhenAll(answers))
    Console.WriteLine(answer);

// A gateway's handler. Whatever ends it, also a client that drops the stream, disposes the lease and frees the seat.
async Task<string> AnswerAsync(InferenceRequest request, CancellationToken caller = default)
{
    using AdmissionLease lease = await gate.AcquireAsync(request, caller);
    if (!lease.IsAcquired)
        return Refused(lease.Refusal.Value, lease.RetryAfter);

    List<string> answer = [];
    await foreach (string token in engines[lease.Instance].StreamAsync(request, caller))
    {
        lease.ReportTokens(1);
        answer.Add(token);
    }

    lease.Complete(FinishReason.Stop);
    return string.Join(' ', answer);
}

// What the client sees: 429 where it asks for more than there is now, 413 where it always will, 503 where the server let it wait in vain.
static string Refused(RequestOutcome refusal, TimeSpan? retryAfter) => refusal switch
{
    RequestOutcome.Unservable => "413",
    RequestOutcome.TimedOutInQueue or RequestOutcome.ShutDown => "503",
    _ => $"429 ({OutcomeName.Of(refusal)}), Retry-After: {Math.Ceiling(retryAfter?.TotalSeconds ?? 1)}",
};
