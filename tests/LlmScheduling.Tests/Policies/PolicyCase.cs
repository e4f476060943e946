using System.Text;

namespace LlmScheduling.Tests.Policies;

/// <summary>A snapshot that a test can keep, change and print; the snapshot itself lives on the stack.</summary>
internal sealed record PolicyCase
{
    public RequestView[] Requests { get; init; } = [];

    public TenantUsage[] Tenants { get; init; } = [new(0, 1, 0, 0)];

    public TimeSpan Now { get; init; } = TimeSpan.FromSeconds(100);

    public long ProcessedTokens { get; init; }

    public long Admissions { get; init; }

    public WorkModel Work { get; init; }

    public SchedulingSnapshot Snapshot => new()
    {
        Requests = Requests,
        Tenants = Tenants,
        Now = Now,
        ProcessedTokens = ProcessedTokens,
        Admissions = Admissions,
        Work = Work,
        Limits = new BatchLimits(2_048, 64),
        Seed = 7,
    };

    public static PolicyCase Of(params RequestView[] requests) => new() { Requests = requests };

    /// <summary>A waiting request with everything a policy may look at at its plainest.</summary>
    public static RequestView View(long id, double arrivedAt = 0, int prompt = 10, int priority = 0) => new()
    {
        Id = new RequestId(id),
        ArrivedAt = TimeSpan.FromSeconds(arrivedAt),
        LastScheduledAt = TimeSpan.FromSeconds(arrivedAt),
        PromptTokens = prompt,
        MaxOutputTokens = 10,
        Priority = priority,
    };

    public PriorityKey[] Keys(ISchedulingPolicy policy)
    {
        var keys = new PriorityKey[Requests.Length];
        Array.Fill(keys, new PriorityKey(0, double.NaN));
        policy.Prioritize(Snapshot, keys);
        return keys;
    }

    /// <summary>Ids of the waiting requests that are not held, in the order of their keys and then of their ids.</summary>
    public long[] Order(ISchedulingPolicy policy)
    {
        PriorityKey[] keys = Keys(policy);
        int[] waiting = [.. Enumerable.Range(0, keys.Length).Where(i => Requests[i].Phase != RequestPhase.Running && !keys[i].IsHeld)];
        Array.Sort(waiting, (a, b) => keys[a].CompareTo(keys[b]) is var order and not 0 ? order : Requests[a].Id.Sequence.CompareTo(Requests[b].Id.Sequence));
        return [.. waiting.Select(i => Requests[i].Id.Sequence)];
    }

    public PriorityKey KeyOf(ISchedulingPolicy policy, long id) => Keys(policy)[Array.FindIndex(Requests, request => request.Id.Sequence == id)];

    /// <summary>The same case with everything that is a point in time moved on.</summary>
    public PolicyCase Later(TimeSpan by, long tokens) => this with
    {
        Now = Now + by,
        ProcessedTokens = ProcessedTokens + tokens,
        Requests = [.. Requests.Select(request => request with
        {
            ArrivedAt = Moved(request.ArrivedAt, by),
            LastScheduledAt = Moved(request.LastScheduledAt, by),
            FirstTokenAt = Moved(request.FirstTokenAt, by),
            FirstTokenDue = Moved(request.FirstTokenDue, by),
            Deadline = Moved(request.Deadline, by),
            ProcessedTokensAtArrival = request.ProcessedTokensAtArrival + tokens,
        })],
    };

    public override string ToString()
    {
        var text = new StringBuilder($"now {Now}, processed {ProcessedTokens}, admissions {Admissions}, {Work}");
        foreach (TenantUsage tenant in Tenants)
            text.Append("\n  ").Append(tenant);
        foreach (RequestView it in Requests)
        {
            text.Append($"\n  {it.Id.Sequence} {it.Phase} arrived {it.ArrivedAt} first token due {it.FirstTokenDue} deadline {it.Deadline} interval {it.TokenInterval} ")
                .Append($"prompt {it.PromptTokens} most {it.MaxOutputTokens} computed {it.ComputedTokens} generated {it.GeneratedTokens} priority {it.Priority} ")
                .Append($"tenant {it.TenantIndex} {it.Length} rank {it.RankScore} processed {it.ProcessedTokensAtArrival}");
        }

        return text.ToString();
    }

    private static TimeSpan Moved(TimeSpan time, TimeSpan by) => time == TimeSpan.MaxValue ? time : time + by;
}
