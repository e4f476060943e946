using System.Text.RegularExpressions;

namespace LlmScheduling.Mutation;

/// <summary>Which tests a change of a file is put to, in which order: those of its folder, the laws, and where the file serves everybody the rest.</summary>
internal sealed partial class Stages(TestProgram unit, TestProgram laws, string testFolder)
{
    /// <summary>The subjects of the laws' conformance tests that a policy is part of, where their names do not say so.</summary>
    private static readonly Dictionary<string, string> Subjects = new()
    {
        ["FirstComeFirstServed"] = "fcfs",
        ["ByPriority"] = "priority",
        ["EarliestDeadline"] = "edf",
        ["HighestResponseRatioNext"] = "hrrn",
        ["WeightedShortestFirst"] = "wspt",
        ["FirstThen"] = "priority, edf, shortest-prompt-first",
        ["RelativeAging"] = "aging",
        ["StarvationBound"] = "starvation",
        ["TenantFairness"] = "fair",
        ["UnknownAtMedian"] = "shortest-(ranked|predicted)-first",
        ["ApparentTardinessCost"] = "\"atc\"",
        ["EverySecondTurn"] = "(starvation|backlog-guard)",
        ["OldestFirst"] = "(starvation|backlog-guard)",
        ["QueueTime"] = "(backlog-guard|backlog-boost|soft-boost)",
        ["SeatTime"] = "(atc|least-slack)\"",
        ["StepSeed"] = "fcfs\"",
        ["PriorityKey"] = "(priority, gap 1|shortest-prompt-first, prefills by key|longest-output-first\\+aging.*)\"",
        ["WorkModel"] = "(shortest-work-first|least-slack)\"",
    };

    private const string Others = "other tests";

    private readonly string[] _classesOfBatching = [.. Directory.GetFiles(Path.Combine(testFolder, "Batching"), "*Tests.cs").Select(path => "LlmScheduling.Tests." + Path.GetFileNameWithoutExtension(path))];

    /// <summary>Throws when a test that a stage may run fails without any mutant.</summary>
    public void CheckSoundCore()
    {
        unit.Measure(Select(unit, test => IsOfPolicies(test) || IsAboutScheduling(test)));
        laws.Measure(Select(laws, IsConformance));
    }

    /// <summary>Runs the mutant's stages until one notices it.</summary>
    public (Verdict Verdict, string Stage, string Detail) Try(Mutant mutant, string core)
    {
        foreach ((string stage, TestProgram program, IReadOnlyList<TestCase> cases) in For(mutant))
        {
            (Verdict verdict, string detail) = program.Try(core, cases);

            // On a busy machine a test of threads fails now and then without any mutant; hardly twice.
            if (verdict == Verdict.Killed && stage == Others)
                (verdict, detail) = program.Try(core, cases);
            if (verdict != Verdict.Survived)
                return (verdict, stage, detail);
        }

        return (Verdict.Survived, "", "");
    }

    private IEnumerable<(string Name, TestProgram Program, IReadOnlyList<TestCase> Cases)> For(Mutant mutant)
    {
        string name = Path.GetFileNameWithoutExtension(mutant.File);
        bool isOfPolicies = mutant.File.StartsWith("Policies/", StringComparison.Ordinal), isPolicy = mutant.Tree.ToString().Contains(": ISchedulingPolicy", StringComparison.Ordinal);
        bool IsOfTheFolder(TestCase test) => isOfPolicies ? IsOfPolicies(test) && !IsLawRow(test) : _classesOfBatching.Contains(test.Class);
        bool IsLawOfTheFolder(TestCase test) => isOfPolicies && IsLawRow(test) && (!isPolicy || Concerns(test, name));

        yield return ("tests of the folder", unit, Select(unit, IsOfTheFolder));
        yield return ("laws of the folder", unit, Select(unit, IsLawOfTheFolder));
        if (!isOfPolicies)
            yield return (Others, unit, Select(unit, test => IsAboutScheduling(test) && !IsOfTheFolder(test)));
        yield return ("laws", laws, Select(laws, test => IsConformance(test) && (isOfPolicies ? SubjectsOf(name).IsMatch(test.DisplayName) : PlannerSubjects().IsMatch(test.DisplayName))));
        if (isOfPolicies && !isPolicy)
            yield return (Others, unit, Select(unit, test => IsAboutScheduling(test) && !IsOfTheFolder(test) && !IsLawOfTheFolder(test)));
    }

    /// <summary>Rows whose subject is or contains the policy, and those of the decorators by their type's name.</summary>
    private static Regex SubjectsOf(string name) => new($"{Subjects.GetValueOrDefault(name) ?? Kebab(name) + "[\",+]"}|\"{name}\"");

    private static List<TestCase> Select(TestProgram program, Func<TestCase, bool> wanted) => [.. program.Cases.Where(wanted)];

    private static bool IsOfPolicies(TestCase test) => test.Class.StartsWith("LlmScheduling.Tests.Policies.", StringComparison.Ordinal);

    private static bool IsLawRow(TestCase test) => test.Class.EndsWith("LawTests", StringComparison.Ordinal);

    private static bool IsConformance(TestCase test) => test.Class.EndsWith(".ConformanceTests", StringComparison.Ordinal);

    private static bool IsAboutScheduling(TestCase test) => !NotScheduling().IsMatch(test.Class);

    /// <summary>A row of a theory about every policy concerns those it names; "ByPriority, EarliestDeadline, ..." names three.</summary>
    private static bool Concerns(TestCase test, string policy) =>
        test.DisplayName.Contains(policy, StringComparison.Ordinal) || !test.DisplayName.Contains('"') || (policy is "FirstThen" && test.DisplayName.Contains("ByPriority, ", StringComparison.Ordinal))
        || test.DisplayName.Contains("aging + fair", StringComparison.Ordinal);

    private static string Kebab(string name) => Word().Replace(name, match => (match.Index > 0 ? "-" : "") + match.Value.ToLowerInvariant());

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Word();

    [GeneratedRegex("Annealing|Annealer|Latency|Kendall|NonNegative|ObservedShapes|AddLlm|Gate|Admission|Timer|ManualTime|InputException|Slo|ScheduleValue|Timeline|RuleSchedule|ExactSchedule|Endpoint")]
    private static partial Regex NotScheduling();

    [GeneratedRegex("Stack_AnyRun.*\"(fcfs|priority, gap 1|fcfs, prefills by key|shortest-prompt-first, prefills by key|lcfs\\+fair)\"")]
    private static partial Regex PlannerSubjects();
}
