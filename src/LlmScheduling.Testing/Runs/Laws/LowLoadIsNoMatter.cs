namespace LlmScheduling.Testing;

internal sealed class LowLoadIsNoMatter() : RunLaw("LowLoadIsNoMatter", "A request that is alone is served as first come, first served would.")
{
    public override RunLoad Load => RunLoad.Alone;

    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises)
    {
        RecordedRun given = RunDriver.Run(run, subject);
        RecordedRun plain = RunDriver.Run(run, (one, clock, log) => new SchedulerSubject(_ => SchedulingStacks.Fcfs, one, clock, log));
        return RunComparison.FirstDifference(given, plain, TimeSpan.MaxValue);
    }
}
