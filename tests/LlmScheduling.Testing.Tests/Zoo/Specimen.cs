using FsCheck;

namespace LlmScheduling.Testing.Tests;

/// <summary>Something broken, the law that must catch it, how it is checked, and in how many of some cases it shows.</summary>
internal sealed record Specimen(string Name, string Law, Action<LawOptions> Check, Func<LawOptions, int> CountShowing, PolicyPromises? Promises = null)
{
    public static Specimen Policy(string name, string law, BrokenPolicy.ScoreOf scoreOf, PolicyPromises? promises = null) =>
        Policy(name, law, () => new BrokenPolicy(scoreOf), promises);

    public static Specimen Policy(string name, string law, Func<ISchedulingPolicy> create, PolicyPromises? promises = null)
    {
        Law checkedLaw = PolicyLaws.All.Single(one => one.Name == law);
        SnapshotLaw found = PolicyLaws.Find(checkedLaw);
        return new(
            name,
            law,
            options => PolicyLaws.Check(create(), checkedLaw, options),
            options => Showing(options, SnapshotGenerator.Cases(found.WantsHostileCases), snapshot => found.ViolationIn(snapshot, create(), options.Promises)),
            promises);
    }

    public static Specimen Decorator(string name, string law, Func<ISchedulingPolicy, ISchedulingPolicy> decorate)
    {
        Law checkedLaw = DecoratorLaws.All.Single(one => one.Name == law);
        return new(
            name,
            law,
            options => DecoratorLaws.Check(decorate, checkedLaw, options),
            options => Showing(options, SnapshotGenerator.Cases(hostile: false), snapshot => DecoratorLaws.Find(checkedLaw).ViolationIn(snapshot, decorate)));
    }

    public static Specimen Run(string name, string law, BrokenPolicy.ScoreOf scoreOf, PolicyPromises? promises = null) =>
        Stack(name, law, _ => new SchedulingStack(name, new BrokenPolicy(scoreOf)), promises);

    public static Specimen Stack(string name, string law, Func<RunCase, SchedulingStack> stackFor, PolicyPromises? promises = null) =>
        Scheduler(name, law, (run, clock, log) => new SchedulerSubject(stackFor, run, clock, log), promises);

    public static Specimen Scheduler(string name, string law, RunSubjectFactory subject, PolicyPromises? promises = null)
    {
        Law checkedLaw = RunLaws.All.Single(one => one.Name == law);
        RunLaw found = RunLaws.Find(checkedLaw);
        return new(
            name,
            law,
            options => RunLaws.Check(subject, () => name, checkedLaw, options),
            options => Showing(options, RunGenerator.Cases(found.Load), run => found.ViolationIn(run, subject, options.Promises)),
            promises);
    }

    public static Specimen Ranker(string name, string law, Func<IRequestRanker> create)
    {
        Law checkedLaw = RankerLaws.All.Single(one => one.Name == law);
        return new(
            name,
            law,
            options => RankerLaws.Check(create, checkedLaw, options),
            options => Showing(options, PromptGenerator.Batches, batch => RankerLaws.Find(checkedLaw).ViolationIn(batch, create(), create())));
    }

    public LawViolationException? Caught(ulong seed, bool shrinks = true)
    {
        try
        {
            Check(new LawOptions { Seed = seed, Shrinks = shrinks, Promises = Promises ?? new PolicyPromises() });
            return null;
        }
        catch (LawViolationException violation)
        {
            return violation;
        }
    }

    /// <summary>Share of the cases in which it breaks its law.</summary>
    public double ShareShowing(int cases) => CountShowing(new LawOptions { Cases = cases, Promises = Promises ?? new PolicyPromises() }) / (double)cases;

    private static int Showing<T>(LawOptions options, Arbitrary<T> cases, Func<T, string?> violation)
        where T : class
    {
        int showing = 0;
        LawRunner.Check(new Law("Count", "Counts."), () => "", options, cases, one =>
        {
            showing += LawRunner.Said(violation, one) is null ? 0 : 1;
            return null;
        });
        return showing;
    }
}
