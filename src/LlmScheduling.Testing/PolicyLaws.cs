namespace LlmScheduling.Testing;

/// <summary>Laws about a policy and one snapshot: what any scheduling policy must keep, and what it promises beyond.</summary>
/// <remarks>Every check is reproducible: the same seed draws the same cases. Not for policies that are being called elsewhere at the same time.</remarks>
public static class PolicyLaws
{
    private static readonly SnapshotLaw[] Laws =
    [
        new WritesEveryKey(),
        new Deterministic(),
        new PermutationInvariant(),
        new TimeShiftInvariant(),
        new OrderOnlyScores(),
        new TiesGoToTheEarlier(),
        new AllocatesNothing(),
        new SurvivesHostileValues(),
        new NeverTakesSeats(),
        new UnrankedOrder(),
        UrgencyNeverHurts.Priority,
        UrgencyNeverHurts.Deadline,
        UrgencyNeverHurts.Arrival,
    ];

    /// <summary>The laws, in the order they are checked. Those about a promise hold trivially where it is not made.</summary>
    public static IReadOnlyList<Law> All { get; } = [.. Laws.Select(law => law.Law)];

    /// <summary>Checks every law.</summary>
    /// <exception cref="LawViolationException">A law is broken.</exception>
    public static void Check(ISchedulingPolicy policy, LawOptions? options = null)
    {
        foreach (Law law in All)
            Check(policy, law, options);
    }

    /// <summary>Checks one law.</summary>
    /// <exception cref="LawViolationException">The law is broken.</exception>
    /// <exception cref="ArgumentException"><paramref name="law"/> is not one of <see cref="All"/>.</exception>
    public static void Check(ISchedulingPolicy policy, Law law, LawOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        options ??= new LawOptions();
        options.Validate();
        SnapshotLaw checkedLaw = Find(law);
        if (!checkedLaw.Concerns(options.Promises))
            return;
        string subject = policy.GetType().Name;
        var seen = new List<SnapshotCase>();
        LawRunner.Check(law, () => subject, options, SnapshotGenerator.Cases(checkedLaw.WantsHostileCases), snapshot =>
        {
            if (seen.Count < options.Cases)
                seen.Add(snapshot);
            return checkedLaw.ViolationIn(snapshot, policy, options.Promises);
        });
        if (After(checkedLaw, seen, policy) is { } violation)
            throw new LawViolationException(law, subject, violation.What, violation.Case, options);
    }

    /// <summary>Checks every law on one case, such as one that a failure printed.</summary>
    /// <exception cref="LawViolationException">A law is broken.</exception>
    public static void CheckCase(ISchedulingPolicy policy, SnapshotCase snapshot, PolicyPromises? promises = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(snapshot);
        promises ??= new PolicyPromises();
        foreach (SnapshotLaw law in Laws)
        {
            if (!law.Concerns(promises))
                continue;
            string? what = LawRunner.Said(one => law.ViolationIn(one, policy, promises), snapshot) ?? After(law, [snapshot], policy)?.What;
            if (what is not null)
                throw new LawViolationException(law.Law, policy.GetType().Name, what, snapshot.ToString());
        }
    }

    internal static SnapshotLaw Find(Law law) =>
        Laws.FirstOrDefault(one => one.Law == law) ?? throw new ArgumentException($"{law} is not a law about snapshots.", nameof(law));

    private static (string What, string Case)? After(SnapshotLaw law, List<SnapshotCase> seen, ISchedulingPolicy policy)
    {
        try
        {
            return law.ViolationAfterAll(seen, policy);
        }
        catch (Exception thrown) when (thrown is not OutOfMemoryException)
        {
            return ($"It throws {thrown.GetType().Name}: {thrown.Message}", "(many requests at once)");
        }
    }
}
