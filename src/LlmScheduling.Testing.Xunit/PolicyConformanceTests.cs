using Xunit;

namespace LlmScheduling.Testing.Xunit;

/// <summary>Every law as a test of its own: derive, create your policy, say what it promises, and that is all.</summary>
/// <remarks>Needs xunit v3. The cases of every test are the same from run to run; see <see cref="LawOptions.Seed"/>.</remarks>
public abstract class PolicyConformanceTests
{
    /// <summary>One row per law about snapshots.</summary>
    public static TheoryData<string> SnapshotLaws => new(PolicyLaws.All.Select(law => law.Name));

    /// <summary>One row per law about whole runs.</summary>
    public static TheoryData<string> WholeRunLaws => new(RunLaws.All.Select(law => law.Name));

    /// <summary>How deep, and what the policy promises. Default: 200 cases per law and no promise.</summary>
    protected virtual LawOptions Options => new();

    /// <summary>Makes the policy.</summary>
    protected abstract ISchedulingPolicy CreatePolicy();

    /// <summary>Makes the stack that runs are served by; the strict planner unless overridden.</summary>
    protected virtual SchedulingStack CreateStack()
    {
        ISchedulingPolicy policy = CreatePolicy();
        return new SchedulingStack(policy.GetType().Name, policy);
    }

    /// <summary>Checks one law about snapshots.</summary>
    [Theory]
    [MemberData(nameof(SnapshotLaws))]
    public void Snapshot_AnyCase_KeepsTheLaw(string law) =>
        PolicyLaws.Check(CreatePolicy(), PolicyLaws.All.Single(one => one.Name == law), Options);

    /// <summary>Checks one law about whole runs.</summary>
    [Theory]
    [MemberData(nameof(WholeRunLaws))]
    public void Run_AnyWorkload_KeepsTheLaw(string law) =>
        RunLaws.Check(_ => CreateStack(), RunLaws.All.Single(one => one.Name == law), Options);
}
