namespace LlmScheduling.Testing;

/// <summary>Laws about a decorator: what it must leave as the policy inside wants it, whatever policy that is.</summary>
/// <remarks>The decorated policy must keep <see cref="PolicyLaws"/> as well. Every check is reproducible: the same seed draws the same cases.</remarks>
public static class DecoratorLaws
{
    private static readonly DecoratorLaw[] Laws =
    [
        new HeldStaysHeld(),
        new BandsStay(),
        new RunningStayAlone(),
        new InnerScoresOnlyOrder(),
        new FaultsAreSeen(),
    ];

    /// <summary>The laws, in the order they are checked.</summary>
    public static IReadOnlyList<Law> All { get; } = [.. Laws.Select(law => law.Law)];

    /// <summary>Checks every law.</summary>
    /// <param name="decorate">Puts the decorator around a policy; called for every case.</param>
    /// <param name="options">How deep; promises do not matter here.</param>
    /// <exception cref="LawViolationException">A law is broken.</exception>
    public static void Check(Func<ISchedulingPolicy, ISchedulingPolicy> decorate, LawOptions? options = null)
    {
        foreach (Law law in All)
            Check(decorate, law, options);
    }

    /// <summary>Checks one law.</summary>
    /// <exception cref="LawViolationException">The law is broken.</exception>
    /// <exception cref="ArgumentException"><paramref name="law"/> is not one of <see cref="All"/>.</exception>
    public static void Check(Func<ISchedulingPolicy, ISchedulingPolicy> decorate, Law law, LawOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(decorate);
        options ??= new LawOptions();
        options.Validate();
        DecoratorLaw checkedLaw = Find(law);
        LawRunner.Check(law, () => decorate(new FirstComeFirstServed()).GetType().Name, options, SnapshotGenerator.Cases(hostile: false), snapshot => checkedLaw.ViolationIn(snapshot, decorate));
    }

    internal static DecoratorLaw Find(Law law) =>
        Laws.FirstOrDefault(one => one.Law == law) ?? throw new ArgumentException($"{law} is not a law about decorators.", nameof(law));
}
