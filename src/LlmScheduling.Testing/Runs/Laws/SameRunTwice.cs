namespace LlmScheduling.Testing;

internal sealed class SameRunTwice() : RunLaw("SameRunTwice", "The same run with the same seed gives the same plans.")
{
    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises) =>
        RunComparison.FirstDifference(RunDriver.Run(run, subject), RunDriver.Run(run, subject), TimeSpan.MaxValue);
}
