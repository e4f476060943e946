namespace LlmScheduling.Testing.Tests;

/// <summary>Something broken, the law that must catch it, and how it is checked.</summary>
internal sealed record Specimen(string Name, string Law, Action<LawOptions> Check, PolicyPromises? Promises = null)
{
    public static Specimen Policy(string name, string law, BrokenPolicy.ScoreOf scoreOf, PolicyPromises? promises = null) =>
        Policy(name, law, () => new BrokenPolicy(scoreOf), promises);

    public static Specimen Policy(string name, string law, Func<ISchedulingPolicy> create, PolicyPromises? promises = null) =>
        new(name, law, options => PolicyLaws.Check(create(), PolicyLaws.All.Single(one => one.Name == law), options), promises);

    public static Specimen Run(string name, string law, BrokenPolicy.ScoreOf scoreOf, PolicyPromises? promises = null) =>
        Stack(name, law, _ => new SchedulingStack(name, new BrokenPolicy(scoreOf)), promises);

    public static Specimen Stack(string name, string law, Func<RunCase, SchedulingStack> stackFor, PolicyPromises? promises = null) =>
        new(name, law, options => RunLaws.Check(stackFor, RunLaws.All.Single(one => one.Name == law), options), promises);

    public static Specimen Scheduler(string name, string law, RunSubjectFactory subject) =>
        new(name, law, options => RunLaws.Check(subject, () => name, RunLaws.All.Single(one => one.Name == law), options));

    public static Specimen Ranker(string name, string law, Func<IRequestRanker> create) =>
        new(name, law, options => RankerLaws.Check(create, RankerLaws.All.Single(one => one.Name == law), options));

    public LawViolationException? Caught(ulong seed, int cases)
    {
        try
        {
            Check(new LawOptions { Seed = seed, Cases = cases, Promises = Promises ?? new PolicyPromises() });
            return null;
        }
        catch (LawViolationException violation)
        {
            return violation;
        }
    }
}
