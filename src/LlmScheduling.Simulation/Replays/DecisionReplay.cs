namespace LlmScheduling.Simulation;

/// <summary>Replays a decision log: the same scheduler with the same inputs makes every plan again, or another policy serves the same requests.</summary>
public static class DecisionReplay
{
    /// <summary>Drives a real <see cref="BatchScheduler"/> with what the log says it was told, and compares every plan and outcome with the log's; stops at the first difference.</summary>
    /// <param name="log">The log; stays open.</param>
    /// <param name="policyByName">The policy of each stack that the log names; allocations and options are taken from the log.</param>
    /// <param name="latency">The latency model that the scheduler was given; null for none.</param>
    /// <param name="victimPolicy">The victim policy that the scheduler was given; null for none.</param>
    /// <param name="source">The log's name in errors, such as the file's path.</param>
    /// <exception cref="InputException">A line is malformed, cut off, missing or impossible, or the log was recorded with another latency model or victim policy than given.</exception>
    public static DecisionReplayResult Run(
        Stream log, Func<string, ISchedulingPolicy> policyByName, ILatencyModel? latency = null, ISchedulingPolicy? victimPolicy = null, string source = "decision log")
    {
        ArgumentNullException.ThrowIfNull(policyByName);
        using var run = new DecisionReplayRun(policyByName, latency, victimPolicy, source);
        return run.ToEnd(DecisionLogReader.Read(log, source));
    }

    /// <summary>
    /// What arrived, and how long the answers were, as a workload that can be replayed under another policy ("what if").
    /// </summary>
    /// <remarks>
    /// Requests refused on arrival count: they were demand. An answer that was broken off has the length it had reached; one
    /// that never began has the median length of its traffic class's completed answers, or its limit where there is none.
    /// Promises other than end-to-end deadlines are by traffic class in a workload, so those of the log are left out.
    /// </remarks>
    /// <param name="log">The log; stays open.</param>
    /// <param name="source">The log's name in errors, such as the file's path; also the workload's.</param>
    /// <exception cref="InputException">A line is malformed, cut off or missing.</exception>
    public static Workload ToWorkload(Stream log, string source = "decision log") =>
        DecisionReplayWorkload.From(DecisionReplayRun.Whole(DecisionLogReader.Read(log, source), source), source);
}
