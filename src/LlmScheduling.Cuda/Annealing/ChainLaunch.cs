using System.Runtime.InteropServices;

namespace LlmScheduling;

/// <summary>The one parameter of the kernel <c>annealing_chains</c>: the same fields in the same order as in Kernels/annealing.cu. Pointers are the device's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ChainLaunch
{
    /// <summary><see cref="ScenarioTable.Runs"/>, <see cref="ScenarioTable.Latest"/>, <see cref="ScenarioTable.Ranks"/> and <see cref="MoveRandom.Logarithms"/>.</summary>
    public ulong Runs, Latest, Ranks, Logarithms;

    /// <summary>Every chain's schedule before and after: the number of batches, the order, the offset of each batch and the end; 2 * jobs + 2 numbers.</summary>
    public ulong Schedules, NextSchedules;

    /// <summary>What these are worth, as <see cref="ScenarioTimeline.Value"/>.</summary>
    public ulong Values, NextValues;

    /// <summary>The best schedule of every chain in all launches, and what it is worth.</summary>
    public ulong BestSchedules, BestValues;

    /// <summary>What does not fit into shared memory, for every chain.</summary>
    public ulong Workspace;

    public long WorkspaceBytes;

    public ulong Seed;

    /// <summary>As in <see cref="ScenarioChain.Anneal"/>.</summary>
    public double Temperature;

    /// <summary><see cref="ScenarioTable.Unit"/>.</summary>
    public double Unit;

    public int Jobs, MaxBatch, Scenarios, Stride;

    /// <summary>Moves of each chain.</summary>
    public int Moves;

    /// <summary>The number of the launch, from which the chains' draws follow.</summary>
    public int Launch;

    /// <summary>A chain begins with the schedule of the chain of its own number XOR this, where that is worth more.</summary>
    public int Partner;

    /// <summary>Whether what a chain holds is in shared memory: its schedule and a few numbers per scenario; the slack of every job in every scenario.</summary>
    public int StateIsShared, SlackIsShared;

    private readonly int _padding;
}
