using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

internal sealed class TrueLengthIsNotRead() : RunLaw("TrueLengthIsNotRead", "Until the first request ends, plans do not depend on how long answers will turn out to be.")
{
    public override string? ViolationIn(RunCase run, RunSubjectFactory subject, PolicyPromises promises)
    {
        RunCase one = run with { Requests = [.. run.Requests.Select(request => request with { OutputTokens = 40 + request.OutputTokens, MaxOutputTokens = 200 })] };
        RunCase other = one with { Requests = [.. one.Requests.Select((request, place) => request with { OutputTokens = 40 + (request.OutputTokens * 31 + place * 17) % 97 })] };
        RecordedRun first = RunDriver.Run(one, subject), second = RunDriver.Run(other, subject);
        return RunComparison.FirstDifference(first, second, FirstEnd(first) < FirstEnd(second) ? FirstEnd(first) : FirstEnd(second)) is { } difference
            ? $"With other true lengths: {difference}"
            : null;
    }

    private static TimeSpan FirstEnd(RecordedRun run) =>
        run.Requests.Where(request => request.FinishedAt is not null).Select(request => request.FinishedAt!.Value).DefaultIfEmpty(TimeSpan.MaxValue).Min();
}
