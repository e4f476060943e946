using LlmScheduling.Simulation;

namespace LlmScheduling.Tool.Tests;

public sealed class PolicyParserTests
{
    private static readonly EngineSettings Engine = new() { MaxSequences = 4, MaxBatchTokens = 64, StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(1)) };
    private static readonly EngineSettings SeatTaking = Engine with { Preemption = Preemption.Priority, PreemptionGap = 3 };

    public static TheoryData<string> Names => [.. PolicyCatalogue.Policies.Select(entry => entry.Name)];

    public static TheoryData<string> DecoratorNames => [.. PolicyCatalogue.Decorators.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_EveryName_MakesAPolicy(string name)
    {
        PolicyEntry entry = PolicyCatalogue.Policies.Single(one => one.Name == name);
        string text = name + string.Concat(entry.Parameters.Select(parameter => $":{parameter.Name}={(parameter.Default ?? 1)}"));
        Assert.Equal(text, PolicyParser.Parse(text, Engine).Name);
    }

    [Theory]
    [MemberData(nameof(DecoratorNames))]
    public void Parse_EveryDecorator_GoesAround(string name) =>
        Assert.IsNotType<FirstComeFirstServed>(PolicyParser.Parse("fcfs+" + name, Engine).Policy);

    [Fact]
    public void Catalogue_Has_EveryNameOfToday() => Assert.Equal(
        [
            "annealed-slo", "annealed-slo-paper", "atc", "backlog-boost", "decaying-length", "edf", "fcfs", "gittins", "head-start", "hrrn", "lcfs", "least-slack",
            "length-wait-score", "longest-output-first", "moore-hodgson", "pars", "priority", "scorpio", "shortest-bound-first",
            "shortest-predicted-first", "shortest-prompt-first", "shortest-ranked-first", "shortest-remaining-first", "shortest-work-first",
            "slo", "slo-pausing", "soft-boost", "tenant-round-robin", "wspt",
        ],
        PolicyCatalogue.Policies.Select(entry => entry.Name).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("")]
    [InlineData("FCFS")]
    public void Parse_UnknownName_ListsThoseThereAre(string name)
    {
        string message = Assert.Throws<InputException>(() => PolicyParser.Parse(name, Engine)).Message;
        Assert.Contains($"found '{name}'", message, StringComparison.Ordinal);
        Assert.Contains("shortest-prompt-first", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_MisspeltName_NamesTheNearest() =>
        Assert.Contains("the nearest is shortest-prompt-first", Assert.Throws<InputException>(() => PolicyParser.Parse("shortest-promt-first", Engine)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_UnknownDecorator_ListsThoseThereAre() =>
        Assert.Contains("aging, backlog-guard, fair, starvation", Assert.Throws<InputException>(() => PolicyParser.Parse("fcfs+guard", Engine)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("fcfs:speed=3", "parameter of fcfs", "no parameter")]
    [InlineData("head-start", "head_start_us", "-1e15 to 1e15")]
    [InlineData("head-start:head_start_us", "head_start_us", "-1e15 to 1e15")]
    [InlineData("head-start:head_start_us=fast", "head_start_us", "-1e15 to 1e15")]
    [InlineData("head-start:head_start_us=1:head_start_us=2", "head_start_us", "once")]
    [InlineData("decaying-length:rate_per_s=-1", "rate_per_s", "0 or more")]
    [InlineData("length-wait-score:length_scale=0", "length_scale", "above 0")]
    [InlineData("fcfs+starvation:max_wait_s=NaN", "max_wait_s", "0 to 1e9")]
    [InlineData("fcfs+starvation:max_wait=3", "parameter of starvation", "max_wait_s")]
    public void Parse_BadParameter_NamesItAndItsRange(string text, string field, string allowed)
    {
        InputException refused = Assert.Throws<InputException>(() => PolicyParser.Parse(text, Engine));
        Assert.Equal(field, refused.Field);
        Assert.Contains(allowed, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("priority", true)]
    [InlineData("priority,edf+aging", true)]
    [InlineData("edf,priority", false)]
    [InlineData("fcfs", false)]
    public void Parse_FirstKeyPriority_AlsoChoosesTheVictim(string text, bool choosesVictim) =>
        Assert.Equal(choosesVictim, PolicyParser.Parse(text, Engine).Victim is not null);

    [Theory]
    [InlineData("fcfs")]
    [InlineData("edf,priority")]
    public void Parse_EngineTakesSeats_FirstKeyMustBePriority(string text) =>
        Assert.Contains("allowed priority", Assert.Throws<InputException>(() => PolicyParser.Parse(text, SeatTaking)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Parse_EngineTakesSeats_ByItsGap(int difference, bool takes)
    {
        RequestView[] requests =
        [
            new() { Id = new RequestId(0), Priority = difference, PromptTokens = 1, Phase = RequestPhase.Running, AdmissionOrder = 0 },
            new() { Id = new RequestId(1), Priority = 0, PromptTokens = 1 },
        ];
        var keys = new PriorityKey[2];
        PolicyParser.Parse("priority,shortest-prompt-first", SeatTaking).Policy.Prioritize(new SchedulingSnapshot { Requests = requests, Now = TimeSpan.Zero }, keys);
        Assert.Equal(takes, keys[1].Band < keys[0].Band);
    }
}
