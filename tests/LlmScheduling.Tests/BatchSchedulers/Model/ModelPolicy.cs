namespace LlmScheduling.Tests;

/// <summary>
/// One way to key requests, written once over what both the scheduler's policy and the model can tell of a request; it may
/// hold, refuse, throw or answer NaN, depending on nothing but its arguments.
/// </summary>
internal sealed record ModelPolicy(string Name, ModelPolicy.Key Of, int LookAhead = 0) : ISchedulingPolicy
{
    public delegate PriorityKey Key(long id, bool isRunning, bool wasAdmitted, int priority, int input, int emitted, long millisecond);

    public static IReadOnlyList<ModelPolicy> All { get; } =
    [
        new("first come first served", (id, isRunning, _, _, _, _, _) => isRunning ? PriorityKey.KeepsSeat : new(0, id)),
        new("priority", (_, isRunning, _, priority, _, _, _) => isRunning ? PriorityKey.KeepsSeat : new(0, priority)),
        new("priority takes seats", (_, _, _, priority, _, _, _) => new(priority, 0)),
        new("shortest prompt, passing four", (_, isRunning, _, _, input, _, _) => isRunning ? PriorityKey.KeepsSeat : new(0, input), LookAhead: 4),
        new("first come passing two, but never the urgent", (id, isRunning, _, priority, _, _, _) => isRunning ? PriorityKey.KeepsSeat : new(priority == 0 ? -1 : 0, 0, id), LookAhead: 2),
        new("all equal", (_, _, _, _, _, _, _) => default),
        new("holds by turns", (id, _, _, _, _, _, millisecond) => (id + millisecond) % 3 == 0 ? PriorityKey.Hold : new(0, -id)),
        new("refuses the long, takes seats by length", (_, _, _, _, input, emitted, _) => input > 12 ? PriorityKey.Refuse : new(input + emitted, 0)),
        new("spares the unimportant", (id, _, _, priority, _, _, _) => priority > 2 ? PriorityKey.Spare(id) : new(priority, id)),
        new("throws by turns", (_, _, _, priority, _, _, millisecond) => millisecond % 3 == 0 ? throw new InvalidOperationException("broken") : new(priority, 0)),
        new("answers NaN for some", (id, _, _, priority, _, _, millisecond) => new(priority, (id + millisecond) % 5 == 0 ? double.NaN : id)),
        new("fails once a seat was taken", (_, isRunning, wasAdmitted, priority, _, _, _) => wasAdmitted && !isRunning ? throw new InvalidOperationException("broken") : new(priority, 0)),
    ];

    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView view = ref snapshot.Requests[i];
            keys[i] = Of(view.Id.Sequence, view.Phase == RequestPhase.Running, view.Phase != RequestPhase.Waiting, view.Priority, view.PromptTokens, view.GeneratedTokens, (long)snapshot.Now.TotalMilliseconds);
        }
    }

    public override string ToString() => Name;
}
