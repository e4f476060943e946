namespace LlmScheduling.Tests;

/// <summary>
/// What a scheduler must decide, written down from the rules of the strict engine in lists and sorts and nothing else: no
/// code of the planner, no incremental state but the requests themselves.
/// </summary>
internal sealed class ModelScheduler(BatchSchedulerOptions options, ModelPolicy? victimPolicy)
{
    private readonly List<ModelRequest> _all = [], _running = [], _waiting = [], _released = [];
    private readonly List<(bool IsArrival, long Id)> _inbox = [];
    private List<(ModelRequest Request, int Tokens)> _grants = [];
    private List<ModelRequest> _preempted = [];
    private int _budget;

    public ModelPolicy Policy { get; set; } = ModelPolicy.All[0];

    public TimeSpan Now { get; set; }

    public bool IsStopped { get; set; }

    public bool HasFault { get; private set; }

    public IReadOnlyList<ModelRequest> Requests => _all;

    public IReadOnlyList<(ModelRequest Request, int Tokens)> Grants => _grants;

    private IEnumerable<ModelRequest> Queue => _waiting.Where(request => !request.EverAdmitted);

    private List<ModelRequest> Live => [.. _running, .. _waiting];

    private int FreeBlocks => options.KvTotalBlocks is { } total ? total - _running.Sum(request => request.Held) : int.MaxValue;

    public void Enqueue(int input, int output, int priority, TimeSpan? timeout)
    {
        var request = new ModelRequest(_all.Count, Now, input, output, priority, timeout is { } limit ? Now + limit : TimeSpan.MaxValue);
        _all.Add(request);
        IEnumerable<ModelRequest> queued = [.. Queue, .. _inbox.Where(message => message.IsArrival).Select(message => _all[(int)message.Id])];
        request.Outcome =
            IsStopped ? RequestOutcome.ShutDown
            : (options.KvTotalBlocks is { } blocks && Blocks(request.Context) > blocks)
                || (!options.ChunkedPrefill && request.Context > options.MaxBatchTokens)
                || input > options.MaxQueuedTokens ? RequestOutcome.Unservable
            : timeout <= TimeSpan.Zero ? RequestOutcome.TimedOutInQueue
            : options.QueueFull == QueueFullAction.Reject && !HasRoom(queued, input) ? RequestOutcome.QueueFull
            : null;
        if (request.Outcome is null)
            _inbox.Add((true, request.Id));
    }

    public void Cancel(long id) => _inbox.Add((false, id));

    /// <summary>Plans a step; its text is that of <see cref="EngineRig.TextOf"/>.</summary>
    public string Plan()
    {
        (_grants, _preempted, HasFault, _budget) = ([], [], false, options.MaxBatchTokens);
        foreach ((bool isArrival, long id) in _inbox)
        {
            if (isArrival)
                Arrive(_all[(int)id]);
            else if (Live.FirstOrDefault(request => request.Id == id) is { } live)
                Leave(live, RequestOutcome.Cancelled);
        }

        _inbox.Clear();
        foreach (ModelRequest late in Queue.Where(request => request.Deadline <= Now).ToList())
            Leave(late, RequestOutcome.TimedOutInQueue);
        string released = string.Concat(_released.Select(request => $" ~{request.Id}"));
        _released.Clear();

        Dictionary<ModelRequest, PriorityKey> keys = Ask();
        List<ModelRequest> refused = [.. Queue.Where(request => keys[request].IsRefused)];
        refused.ForEach(request => Leave(request, RequestOutcome.Unattainable));
        if (refused.Count > 0)
            keys = Ask();
        if (!HasFault && TakeSeats(keys))
            keys = Ask();
        bool underPressure = ServeRunning(keys);
        if (!underPressure)
            Admit(keys);
        string text = string.Concat(_grants.Select(grant => $" {grant.Request.Id}:{grant.Tokens}")) + string.Concat(_preempted.Select(request => $" -{request.Id}")) + released;
        return text.Length == 0 ? "none" : text[1..];
    }

    public void Complete(IEnumerable<RequestProgress> step)
    {
        foreach (RequestProgress progress in step)
        {
            ModelRequest request = _all[(int)progress.Id.Sequence];
            if (request.Outcome is not null)
                continue;
            request.Computed += progress.ComputedTokens;
            request.Emitted += progress.EmittedTokens;
            bool isDone = request.Output == 0 ? request.Todo == 0 : request.Emitted == request.Output;
            if (progress.Finish == FinishReason.Failed)
                Leave(request, RequestOutcome.Failed);
            else if (isDone || progress.Finish != FinishReason.None)
                Leave(request, RequestOutcome.Completed);
        }

        _released.Clear();
    }

    /// <summary>Checks what must hold whatever was decided.</summary>
    public void CheckBudgets()
    {
        Assert.InRange(_running.Count, 0, options.MaxSequences);
        Assert.InRange(_grants.Sum(grant => grant.Tokens), 0, options.MaxBatchTokens);
        Assert.True(FreeBlocks >= 0);
        Assert.All(_grants, grant => Assert.True(grant.Tokens > 0));
    }

    private int Blocks(int tokens) => (tokens + options.KvBlockTokens - 1) / options.KvBlockTokens;

    private bool HasRoom(IEnumerable<ModelRequest> queued, int input) =>
        queued.Count() < options.MaxQueuedRequests && queued.Sum(request => (long)request.Input) + input <= options.MaxQueuedTokens;

    private void Arrive(ModelRequest request)
    {
        if (options.QueueFull == QueueFullAction.Displace && !HasRoom(Queue, request.Input))
        {
            // As many of the least urgent as it takes, if less urgent ones are enough.
            List<ModelRequest> candidates = [.. Queue.OrderBy(each => (each.Priority, each.Arrival, each.Id))];
            List<ModelRequest> leaving = [];
            while (candidates.Count > 0 && candidates[^1].Priority > request.Priority && !HasRoom(candidates, request.Input))
            {
                leaving.Add(candidates[^1]);
                candidates.RemoveAt(candidates.Count - 1);
            }

            if (!HasRoom(candidates, request.Input))
            {
                request.Outcome = RequestOutcome.QueueFull;
                return;
            }

            leaving.ForEach(each => Leave(each, RequestOutcome.Displaced));
        }

        _waiting.Add(request);
    }

    private void Leave(ModelRequest request, RequestOutcome outcome)
    {
        request.Outcome = outcome;
        if (request.IsRunning)
            _released.Add(request);
        request.IsRunning = false;
        request.Held = 0;
        _running.Remove(request);
        _waiting.Remove(request);
    }

    private Dictionary<ModelRequest, PriorityKey> Ask()
    {
        try
        {
            Dictionary<ModelRequest, PriorityKey> keys = Live.ToDictionary(request => request, request => KeyOf(Policy, request));
            if (!keys.Values.Any(key => double.IsNaN(key.Score)))
                return keys;
        }
        catch (InvalidOperationException)
        {
        }

        HasFault = true;
        return Live.ToDictionary(request => request, request => request.IsRunning ? PriorityKey.KeepsSeat : new PriorityKey(0, request.Arrival.Ticks));
    }

    private PriorityKey KeyOf(ModelPolicy policy, ModelRequest request) =>
        policy.Of(request.Id, request.IsRunning, request.EverAdmitted, request.Priority, request.Input, request.Emitted, (long)Now.TotalMilliseconds);

    private List<ModelRequest> InOrder(Dictionary<ModelRequest, PriorityKey> keys) =>
        [.. _waiting.Where(request => !keys[request].IsHeld).OrderBy(request => keys[request]).ThenBy(request => request.Id)];

    private bool TakeSeats(Dictionary<ModelRequest, PriorityKey> keys)
    {
        int before = _preempted.Count;
        foreach (ModelRequest request in InOrder(keys).Skip(options.MaxSequences - _running.Count))
        {
            ModelRequest? victim = _running.Where(each => !keys[each].IsHeld)
                .OrderBy(each => (keys[each].Band, each.Arrival)).ThenBy(_running.IndexOf).LastOrDefault();
            if (victim is null || keys[request].IsSpare || keys[request].Band >= keys[victim].Band)
                break;
            Preempt(victim);
        }

        return _preempted.Count > before;
    }

    private bool ServeRunning(Dictionary<ModelRequest, PriorityKey> keys)
    {
        bool preempted = false;
        foreach (ModelRequest request in _running.ToList())
        {
            if (!request.IsRunning || keys[request].IsHeld)
                continue;
            int tokens = Math.Min(Chunk(request.Todo), _budget);
            if (tokens == 0)
                continue;
            while (request.IsRunning && Missing(request, request.Computed + tokens) is > 0 and int missing && missing > FreeBlocks)
            {
                Preempt(Victim());
                preempted = true;
            }

            if (!request.IsRunning)
                continue;
            request.Held += Missing(request, request.Computed + tokens);
            Grant(request, tokens);
        }

        return preempted;
    }

    private void Admit(Dictionary<ModelRequest, PriorityKey> keys)
    {
        int lookAhead = Policy.LookAhead;
        foreach (ModelRequest request in InOrder(keys))
        {
            if (_running.Count == options.MaxSequences || _budget == 0)
                return;
            int tokens = options.ChunkedPrefill ? Math.Min(Chunk(request.Todo), _budget) : request.Todo;
            int blocks = Missing(request, options.KvReservation switch
            {
                KvReservation.WholeContext => request.Context,
                KvReservation.WholePrompt => request.Todo,
                _ => tokens,
            });
            if (tokens > _budget || blocks > FreeBlocks)
            {
                if (lookAhead-- == 0 || keys[request].Tier < 0)
                    return;
                continue;
            }

            _waiting.Remove(request);
            _running.Add(request);
            (request.IsRunning, request.EverAdmitted, request.Held) = (true, true, blocks);
            Grant(request, tokens);
        }
    }

    private int Chunk(int todo) => Math.Min(todo, options.PrefillChunkTokens ?? int.MaxValue);

    private int Missing(ModelRequest request, int tokens) => options.KvTotalBlocks is null ? 0 : Math.Max(0, Blocks(tokens) - request.Held);

    private void Grant(ModelRequest request, int tokens)
    {
        _grants.Add((request, tokens));
        _budget -= tokens;
    }

    private ModelRequest Victim() => victimPolicy is null
        ? _running[^1]
        : _running.OrderBy(request => KeyOf(victimPolicy, request)).ThenBy(request => request.Arrival).ThenBy(_running.IndexOf).Last();

    private void Preempt(ModelRequest victim)
    {
        _running.Remove(victim);
        _waiting.Add(victim);
        (victim.IsRunning, victim.Held, victim.Computed) = (false, 0, 0);
        _preempted.Add(victim);
        _budget += _grants.Where(grant => grant.Request == victim).Sum(grant => grant.Tokens);
        _grants.RemoveAll(grant => grant.Request == victim);
    }
}
