namespace LlmScheduling.Testing;

internal sealed class LogReplaysExactly() : RunLaw("LogReplaysExactly", "A run's decision log, replayed, makes every plan and every outcome again.")
{
    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises) => RunDriver.ReplayDifference(run, subject);
}
