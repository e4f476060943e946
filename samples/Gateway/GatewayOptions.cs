namespace Gateway;

/// <summary>Settings of the gateway, from the section <c>Gateway</c> of its configuration.</summary>
internal sealed class GatewayOptions
{
    private const int MostDays = 40, MostAnswerBytes = 1 << 30;

    /// <summary>The servers behind it. They must serve the same models: a request goes to whichever has room.</summary>
    public List<UpstreamOptions> Upstreams { get; } = [];

    /// <summary>Requests that an upstream serves at once, where it does not say otherwise: as many as it runs well, so that it hardly queues itself. Default: 32.</summary>
    public int Seats { get; set; } = 32;

    /// <summary>Tokens that an upstream's KV cache holds, where it does not say otherwise. Default: no limit.</summary>
    public long KvTokens { get; set; } = long.MaxValue;

    /// <summary>Requests that may wait; others get 429. Default: 512.</summary>
    public int MaxQueuedRequests { get; set; } = 512;

    /// <summary>Longest wait for a seat; then 503. Default: one minute.</summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Who goes first, one of <see cref="GatewayApp.Policies"/>. Default: pars with a ranker, otherwise fcfs.</summary>
    public string? Policy { get; set; }

    /// <summary>Where the first goes, one of <see cref="GatewayApp.Assignments"/>. Default: largest-remaining-memory, as in the SLO-scheduling paper.</summary>
    public string Assignment { get; set; } = "largest-remaining-memory";

    /// <summary>File of a prompt ranker, as <c>llmsched train-ranker</c> writes it. Default: none.</summary>
    public string? Ranker { get; set; }

    /// <summary>Whether to write vLLM's field <c>priority</c> into what is forwarded, for servers that run with <c>--scheduling-policy priority</c>. Default: false.</summary>
    public bool WritePriority { get; set; }

    /// <summary>The wait that weighs as much as one step of length in that field; a second or more. Default: none, a wait weighs nothing.</summary>
    public TimeSpan? PriorityAging { get; set; }

    /// <summary>The most urgent priority that a client may ask for; lower is more urgent. Default: 0.</summary>
    public int MostUrgentPriority { get; set; }

    /// <summary>The shortest time to first token that a client may ask to be promised. Default: none may.</summary>
    public TimeSpan? ShortestTimeToFirstToken { get; set; }

    /// <summary>Key for the upstreams, in place of the client's own. Default: the client's <c>Authorization</c> is passed on.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Longest wait for a connection. Default: 2 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait from sending a request to the first byte of its answer, which for an answer that is no stream is the whole generation. Default: 10 minutes.</summary>
    public TimeSpan FirstByteTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest wait between two parts of a stream. Default: one minute.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What is asked whether an upstream is well; 2xx means that it is. Default: <c>/health</c>, as vLLM, SGLang and llama.cpp have it.</summary>
    public string HealthPath { get; set; } = "/health";

    /// <summary>How often each upstream is asked. Default: 5 s.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long it may take to say so. Default: 2 s.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Most bytes of a request; more is 413. Default: 4 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Most bytes of an answer that is read whole and checked before it is passed on; a longer one is passed on unchecked. Default: 8 MiB.</summary>
    public int MaxAnswerBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Who shows it may see the page at <c>/scheduler</c>. Default: none; the page is for this machine only.</summary>
    public string? PageToken { get; set; }

    /// <summary>How long requests may go on once the process is asked to stop. Default: 30 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests that an upstream serves at once.</summary>
    public int SeatsOf(int upstream) => Upstreams[upstream].Seats ?? Seats;

    /// <summary>Refuses what could not work.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public void Check()
    {
        for (int i = 0; i < Upstreams.Count; i++)
        {
            if (Upstreams[i].Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
                throw Wrong($"Upstreams:{i}:Url", Upstreams[i].Url, "an address such as http://gpu1:8000");
            if ((Upstreams[i].Seats ?? Seats) < 1)
                throw Wrong($"Upstreams:{i}:Seats", Upstreams[i].Seats ?? Seats, "1 or more");
            if ((Upstreams[i].KvTokens ?? KvTokens) < 1)
                throw Wrong($"Upstreams:{i}:KvTokens", Upstreams[i].KvTokens ?? KvTokens, "1 or more");
        }

        if (Upstreams.Count == 0)
            throw Wrong(nameof(Upstreams), "empty", "one or more");
        if (Policy is not null && !GatewayApp.Policies.ContainsKey(Policy))
            throw Wrong(nameof(Policy), Policy, string.Join(" or ", GatewayApp.Policies.Keys));
        if (!GatewayApp.Assignments.ContainsKey(Assignment))
            throw Wrong(nameof(Assignment), Assignment, string.Join(" or ", GatewayApp.Assignments.Keys));
        if (PriorityAging < TimeSpan.FromSeconds(1))
            throw Wrong(nameof(PriorityAging), PriorityAging, "a second or more");
        foreach ((string name, TimeSpan time) in new[]
        {
            (nameof(QueueTimeout), QueueTimeout), (nameof(ConnectTimeout), ConnectTimeout), (nameof(FirstByteTimeout), FirstByteTimeout), (nameof(StallTimeout), StallTimeout),
            (nameof(ProbeInterval), ProbeInterval), (nameof(ProbeTimeout), ProbeTimeout), (nameof(DrainTimeout), DrainTimeout),
        })
        {
            if (time <= TimeSpan.Zero || time > TimeSpan.FromDays(MostDays))
                throw Wrong(name, time, $"above 0 and at most {MostDays} days");
        }

        if (MaxAnswerBytes is < 0 or > MostAnswerBytes)
            throw Wrong(nameof(MaxAnswerBytes), MaxAnswerBytes, $"0 to {MostAnswerBytes}");
    }

    private static ArgumentException Wrong(string name, object? found, string allowed) =>
        new(FormattableString.Invariant($"Gateway:{name} is {found ?? "missing"}; it must be {allowed}."));
}
