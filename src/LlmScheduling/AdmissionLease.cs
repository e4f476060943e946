using System.Diagnostics.CodeAnalysis;

namespace LlmScheduling;

/// <summary>
/// A seat behind an <see cref="AdmissionGate"/>, or the reason why there is none. The first of <see cref="Complete"/> and
/// <see cref="Dispose"/> frees the seat, once; whatever is called after that does nothing.
/// </summary>
/// <remarks>All members may be called by any thread, several at once. A refused lease holds nothing: calls on it do nothing.</remarks>
public sealed class AdmissionLease : IDisposable
{
    // Ended is followed by one state per finish reason, so that one compare-and-swap ends a lease and says why.
    private const int Waiting = 0, Granted = 1, Refused = 2, Withdrawn = 3, Ended = 4;

    private static readonly TaskCompletionSource<AdmissionLease> HandedOut = new();

    private readonly AdmissionGate _gate;
    private TaskCompletionSource<AdmissionLease>? _holder;
    private int _state;
    private long _firstTokenTicks = TimeSpan.MaxValue.Ticks;
    private long _reportedTokens;

    internal AdmissionLease(AdmissionGate gate, LiveRequest live, bool mayWait) => (_gate, Live, MayWait) = (gate, live, mayWait);

    /// <summary>Whether a seat is held, until <see cref="Complete"/> or <see cref="Dispose"/>.</summary>
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAcquired => Refusal is null;

    /// <summary>Why there is no seat; null when there is one.</summary>
    public RequestOutcome? Refusal { get; private set; }

    /// <summary>When coming again is worth while, by the measured service rate and what waits; null when nothing has been measured, or coming again is of no use.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>The instance to run on, from 0; -1 when refused.</summary>
    public int Instance { get; private set; } = -1;

    /// <summary>Score by the ranker when the seat was given, for a downstream engine's own priority field; NaN when not ranked.</summary>
    public float RankScore { get; private set; } = float.NaN;

    internal LiveRequest Live { get; }

    /// <summary>False for a lease that is to be had at once or not at all.</summary>
    internal bool MayWait { get; }

    /// <summary>Whether it counts as waiting within the queue's bounds. The decider's.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>Tokens of its instance's budget that it holds. The decider's.</summary>
    internal long HeldTokens { get; set; }

    internal bool IsWaiting => Volatile.Read(ref _state) == Waiting;

    internal bool IsHandedOut => Volatile.Read(ref _holder) == HandedOut;

    internal TimeSpan FirstTokenAt => new(Volatile.Read(ref _firstTokenTicks));

    internal long ReportedTokens => Volatile.Read(ref _reportedTokens);

    /// <summary>Why it was let go; None when it was dropped.</summary>
    internal FinishReason Finish => (FinishReason)Math.Max(0, Volatile.Read(ref _state) - Ended);

    /// <summary>Says that the first output token came now; only the first report counts.</summary>
    public void ReportFirstToken()
    {
        if (Volatile.Read(ref _state) == Granted)
            Interlocked.CompareExchange(ref _firstTokenTicks, _gate.Now.Ticks, TimeSpan.MaxValue.Ticks);
    }

    /// <summary>Says that so many more output tokens came; the first report is also that of the first token.</summary>
    /// <param name="count">Tokens since the last report; 0 or more. Beyond the request's limit they are not counted.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public void ReportTokens(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0 || Volatile.Read(ref _state) != Granted)
            return;
        ReportFirstToken();
        Interlocked.Add(ref _reportedTokens, count);
    }

    /// <summary>Says how the answer ended, and frees the seat: <see cref="RequestOutcome.Failed"/> for <see cref="FinishReason.Failed"/>, otherwise <see cref="RequestOutcome.Completed"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="reason"/> is <see cref="FinishReason.None"/> or not a reason.</exception>
    public void Complete(FinishReason reason)
    {
        if (reason == FinishReason.None || !Enum.IsDefined(reason))
            throw new ArgumentOutOfRangeException(nameof(reason), reason, "An answer completes by Stop, Length or Failed.");
        LetGo(reason);
    }

    /// <summary>Frees the seat; without <see cref="Complete"/> the request ends as <see cref="RequestOutcome.Cancelled"/>.</summary>
    public void Dispose() => LetGo(FinishReason.None);

    /// <summary>The decider gives it a seat; false when its caller went away first. It is handed out later.</summary>
    internal bool TryGrant(int instance, float rankScore)
    {
        (Instance, RankScore) = (instance, rankScore);
        return Interlocked.CompareExchange(ref _state, Granted, Waiting) == Waiting;
    }

    /// <summary>Its caller goes away; too late once it was granted or refused.</summary>
    internal void Withdraw(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Withdrawn, Waiting) != Waiting)
            return;
        Volatile.Read(ref _holder)?.TrySetCanceled(cancellationToken);
        _gate.Post(InboxMessage.Cancel(Live.Id));
    }

    /// <summary>The request ended; if it still waits, it is refused and handed out. Returns the outcome as its caller knows it.</summary>
    internal RequestOutcome Close(RequestOutcome outcome)
    {
        if (TryRefuse())
            HandOutRefusal(outcome);
        return Volatile.Read(ref _state) == Withdrawn ? RequestOutcome.Cancelled : outcome;
    }

    /// <summary>From here on it can be neither granted nor withdrawn; false when it was before. It is handed out later.</summary>
    internal bool TryRefuse() => Interlocked.CompareExchange(ref _state, Refused, Waiting) == Waiting;

    internal void HandOutRefusal(RequestOutcome outcome)
    {
        Refusal = outcome;
        Instance = -1;
        RankScore = float.NaN;
        RetryAfter = outcome is RequestOutcome.Unservable or RequestOutcome.ShutDown ? null : _gate.RetryAfter();
        HandOut();
    }

    /// <summary>From here on its caller can see it.</summary>
    internal void HandOut() => Interlocked.Exchange(ref _holder, HandedOut)?.TrySetResult(this);

    /// <summary>Completes when it is handed out, with asynchronous continuations. Called once.</summary>
    internal Task<AdmissionLease> WhenHandedOut()
    {
        var holder = new TaskCompletionSource<AdmissionLease>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Interlocked.CompareExchange(ref _holder, holder, null) is null ? holder.Task : Task.FromResult(this);
    }

    private void LetGo(FinishReason reason)
    {
        if (Interlocked.CompareExchange(ref _state, Ended + (int)reason, Granted) == Granted)
            _gate.Post(InboxMessage.Cancel(Live.Id));
    }
}
