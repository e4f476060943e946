using System.Threading.Channels;

namespace LlmScheduling;

/// <summary>
/// The door: refuses at once what can never be served or finds the queue full, and keeps the rest, with everything else that
/// other threads have to say, until the next step drains it. Any number of threads write, one at a time reads.
/// </summary>
internal sealed class RequestInbox(BatchSchedulerOptions options, LiveRequests requests, SchedulerFeedback feedback, Action wake, SchedulerClock clock)
{
    /// <summary>Under displacement so many arrivals may wait for the next step to judge them, even at a smaller queue.</summary>
    private const int LeastContenders = 256;

    private readonly Channel<InboxMessage> _messages = Channel.CreateUnbounded<InboxMessage>(new UnboundedChannelOptions { SingleReader = true });
    private long _nextId;
    private int _arriving;
    private volatile bool _isStopped;

    /// <summary>Requests that are on their way in: not drained, not refused.</summary>
    public int Arriving => Volatile.Read(ref _arriving);

    public bool HasNews => _messages.Reader.TryPeek(out _);

    /// <summary>Whether it is stopped and nobody is on the way in.</summary>
    public bool IsDry => _isStopped && Arriving == 0;

    public RequestTicket Enqueue(InferenceRequest request, long processedTokens)
    {
        // Counted before it is asked whether the scheduler is stopped: who sees it stopped sees everybody who still comes in.
        int arriving = Interlocked.Increment(ref _arriving);
        RequestOutcome? refusal;
        LiveRequest live;
        try
        {
            refusal = RefusalOf(request);
            live = requests.Create(request, new RequestId(Interlocked.Increment(ref _nextId) - 1), clock.Now, processedTokens);
        }
        catch
        {
            Arrived();
            throw;
        }

        if (refusal is not null)
        {
            Arrived();
            return Refused(live, refusal.Value);
        }

        bool fits = requests.Queue.Enter(request.PromptTokens);
        bool mayContend = options.QueueFull == QueueFullAction.Displace && arriving <= Math.Max(LeastContenders, options.MaxQueuedRequests);
        RequestOutcome? outcome = !fits && !mayContend ? RequestOutcome.QueueFull
            : !_messages.Writer.TryWrite(InboxMessage.Arrival(live)) ? RequestOutcome.ShutDown
            : null;
        if (outcome is null)
        {
            wake();
            return live.Ticket;
        }

        requests.Queue.Leave(request.PromptTokens);
        Arrived();
        return Refused(live, outcome.Value);
    }

    /// <summary>Queues an arrival as a decision log tells it, with the id, time and promises that it had then.</summary>
    public void Restore(LiveRequest live)
    {
        requests.Queue.Enter(live.Request.PromptTokens);
        Interlocked.Increment(ref _arriving);
        Post(InboxMessage.Arrival(live));
    }

    public void Post(in InboxMessage message)
    {
        if (_messages.Writer.TryWrite(message))
            wake();
    }

    /// <summary>Takes the next message out; an arrival no longer counts as on its way.</summary>
    public bool TryRead(out InboxMessage message)
    {
        if (!_messages.Reader.TryRead(out message))
            return false;
        if (message.Kind == InboxMessageKind.Arrival)
            Interlocked.Decrement(ref _arriving);
        return true;
    }

    /// <summary>Refuses whoever comes from here on.</summary>
    public void Stop()
    {
        _isStopped = true;
        wake();
    }

    /// <summary>Takes nothing more: what it holds is all there will be.</summary>
    public void Close()
    {
        _isStopped = true;
        _messages.Writer.TryComplete();
    }

    private RequestOutcome? RefusalOf(InferenceRequest request)
    {
        long context = KvLedger.ContextOf(request.PromptTokens, request.MaxOutputTokens);
        bool isUnservable = (options.KvTotalBlocks is { } blocks && new KvBudget(options.KvBlockTokens, blocks, 0).BlocksFor(context) > blocks)
            || (!options.ChunkedPrefill && context > options.MaxBatchTokens)
            || request.PromptTokens > options.MaxQueuedTokens;
        return _isStopped ? RequestOutcome.ShutDown
            : isUnservable ? RequestOutcome.Unservable
            : request.QueueTimeout <= TimeSpan.Zero ? RequestOutcome.TimedOutInQueue
            : null;
    }

    /// <summary>One request less is on its way in. A drain that waited for it looks again.</summary>
    private void Arrived()
    {
        if (Interlocked.Decrement(ref _arriving) == 0 && _isStopped)
            wake();
    }

    private RequestTicket Refused(LiveRequest live, RequestOutcome outcome)
    {
        feedback.Refused(live, outcome);
        live.Ticket.TryEnd(outcome);
        return live.Ticket;
    }
}
