namespace LlmScheduling.Testing;

internal sealed class LowLoadIsNoMatter() : RunLaw("LowLoadIsNoMatter", "A request that is alone is served as first come, first served would.")
{
    public override RunLoad Load => RunLoad.Alone;

    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises)
    {
        RecordedRun given = RunDriver.Run(run, clock => subject(run, clock));
        RecordedRun plain = RunDriver.Run(run, clock => new SchedulerSubject(new SchedulingStack("fcfs", new FirstComeFirstServed()), run, clock));
        return RunComparison.FirstDifference(given, plain, TimeSpan.MaxValue);
    }
}
