using LlmScheduling;
using LlmScheduling.Testing;

namespace WriteAPolicy;

public sealed class UrgentWorkFirstTests
{
    private static readonly PolicyPromises Urgent = new() { MoreUrgentPriorityNeverHurts = true };

    private static readonly SnapshotCase TwoTwins = new()
    {
        Now = TimeSpan.FromSeconds(1),
        Requests =
        [
            new() { Id = new(2), ArrivedAt = TimeSpan.Zero, PromptTokens = 1, MaxOutputTokens = 1 },
            new() { Id = new(1), ArrivedAt = TimeSpan.Zero, PromptTokens = 1, MaxOutputTokens = 1 },
        ],
    };

    [Fact]
    public void Draft_AnySnapshot_BreaksTheLawThatThePageShows()
    {
        var violation = Assert.Throws<LawViolationException>(() => PolicyLaws.Check(new UrgentWorkFirstDraft(), new LawOptions { Promises = Urgent }));
        string page = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs/write-a-policy.md"));
        Assert.True(page.Contains(violation.Message, StringComparison.Ordinal), violation.Message);
    }

    [Fact]
    public void Draft_TwoTwins_BreaksTheLaw() =>
        Assert.Throws<LawViolationException>(() => PolicyLaws.CheckCase(new UrgentWorkFirstDraft(), TwoTwins, Urgent));

    [Fact]
    public void Policy_TwoTwins_KeepsTheLaws() => PolicyLaws.CheckCase(new UrgentWorkFirst(), TwoTwins, Urgent);

    [Fact]
    public void Policy_AnySnapshotAndRun_KeepsTheLaws()
    {
        var options = new LawOptions { Promises = Urgent };
        PolicyLaws.Check(new UrgentWorkFirst(), options);
        RunLaws.Check(new UrgentWorkFirst(), options);
    }

    [Fact]
    public void Policy_UrgentRequestWithMoreWork_GoesFirst()
    {
        RequestView[] requests =
        [
            new() { Id = new RequestId(1), PromptTokens = 90 },
            new() { Id = new RequestId(2), PromptTokens = 100, Priority = -1 },
        ];

        Assert.Equal([2, 1], PolicyOrder.Of(new UrgentWorkFirst(), requests, now: TimeSpan.FromSeconds(1)));
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LlmScheduling.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
