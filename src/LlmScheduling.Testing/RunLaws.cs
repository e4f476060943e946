namespace LlmScheduling.Testing;

/// <summary>Laws about whole runs: a policy, or a stack, serves generated workloads through the real <see cref="BatchScheduler"/> in virtual time.</summary>
/// <remarks>Every check is reproducible: the same seed draws the same runs.</remarks>
public static class RunLaws
{
    private static readonly RunLaw[] Laws =
    [
        new PolicyIsFollowed(),
        new EveryRequestEndsOnce(),
        new UnservableIsRefused(),
        new BudgetsHold(),
        new LifeCycleGoesForward(),
        new CancelFreesWhatWasHeld(),
        new SameRunTwice(),
        new LogReplaysExactly(),
        new TrueLengthIsNotRead(),
        new LowLoadIsNoMatter(),
        new NeverIdleWhileOneWaits(),
        new ServiceIsMonotoneInPriority(),
        new ServiceGapIsBounded(),
        new WaitIsBounded(),
    ];

    /// <summary>The laws, in the order they are checked. Those about a promise hold trivially where it is not made.</summary>
    public static IReadOnlyList<Law> All { get; } = [.. Laws.Select(law => law.Law)];

    /// <summary>Checks every law for a policy with the strict planner.</summary>
    /// <exception cref="LawViolationException">A law is broken.</exception>
    public static void Check(ISchedulingPolicy policy, LawOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Check(_ => new SchedulingStack(policy.GetType().Name, policy), options);
    }

    /// <summary>Checks every law for the stacks that <paramref name="stackFor"/> makes, one for each run.</summary>
    /// <exception cref="LawViolationException">A law is broken.</exception>
    public static void Check(Func<RunCase, SchedulingStack> stackFor, LawOptions? options = null)
    {
        foreach (Law law in All)
            Check(stackFor, law, options);
    }

    /// <summary>Checks one law for the stacks that <paramref name="stackFor"/> makes, one for each run.</summary>
    /// <exception cref="LawViolationException">The law is broken.</exception>
    /// <exception cref="ArgumentException"><paramref name="law"/> is not one of <see cref="All"/>.</exception>
    public static void Check(Func<RunCase, SchedulingStack> stackFor, Law law, LawOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stackFor);
        string name = "The stack";
        Check(Subject(stackFor, stack => name = stack), () => name, law, options);
    }

    /// <summary>Checks every law on one run, such as one that a failure printed.</summary>
    /// <exception cref="LawViolationException">A law is broken.</exception>
    public static void CheckCase(Func<RunCase, SchedulingStack> stackFor, RunCase run, PolicyPromises? promises = null)
    {
        ArgumentNullException.ThrowIfNull(stackFor);
        ArgumentNullException.ThrowIfNull(run);
        promises ??= new PolicyPromises();
        string name = "The stack";
        RunSubjectFactory subject = Subject(stackFor, stack => name = stack);
        foreach (RunLaw law in Laws)
        {
            if (law.Concerns(promises) && LawRunner.Said(one => law.ViolationIn(one, subject, promises), run) is { } what)
                throw new LawViolationException(law.Law, name, what, run.ToString());
        }
    }

    internal static void Check(RunSubjectFactory subject, Func<string> name, Law law, LawOptions? options)
    {
        options ??= new LawOptions();
        options.Validate();
        RunLaw checkedLaw = Find(law);
        if (checkedLaw.Concerns(options.Promises))
            LawRunner.Check(law, name, options, RunGenerator.Cases(checkedLaw.Load), run => checkedLaw.ViolationIn(run, subject, options.Promises));
    }

    internal static RunLaw Find(Law law) =>
        Laws.FirstOrDefault(one => one.Law == law) ?? throw new ArgumentException($"{law} is not a law about runs.", nameof(law));

    private static RunSubjectFactory Subject(Func<RunCase, SchedulingStack> stackFor, Action<string> named) => (run, clock, log) => new SchedulerSubject(
        one =>
        {
            SchedulingStack stack = stackFor(one);
            named(stack.Name);
            return stack;
        },
        run,
        clock,
        log);
}
