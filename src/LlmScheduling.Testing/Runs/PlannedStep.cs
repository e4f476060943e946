namespace LlmScheduling.Testing;

/// <summary>One plan, copied: who gets how many tokens, who is preempted, whose KV is to be freed, and why the policy was not followed.</summary>
internal sealed record PlannedStep(long Step, TimeSpan At, IReadOnlyList<PlannedWork> Work, IReadOnlyList<RequestId> Preempted, IReadOnlyList<RequestId> Released, Exception? PolicyFault)
{
    public bool SameAs(PlannedStep other) =>
        Step == other.Step && At == other.At && Preempted.SequenceEqual(other.Preempted) && Released.SequenceEqual(other.Released)
        && Work.Select(work => (work.Id, work.Tokens)).SequenceEqual(other.Work.Select(work => (work.Id, work.Tokens)));

    public override string ToString() =>
        $"step {Step} at {At.TotalMilliseconds} ms: [{string.Join(", ", Work.Select(work => $"{work.Id.Sequence}: {work.Tokens}"))}]"
        + (Preempted.Count == 0 ? "" : $", preempted [{string.Join(", ", Preempted.Select(id => id.Sequence))}]")
        + (Released.Count == 0 ? "" : $", released [{string.Join(", ", Released.Select(id => id.Sequence))}]");
}
