using System.Text;
using System.Text.RegularExpressions;

namespace LlmScheduling.Simulation.Tests.Replays;

public sealed class PlannedQueueReplayTests
{
    [Fact]
    public void Run_LogWithPlansOfTheQueue_GivesEveryPlanAgain()
    {
        byte[] log = Encoding.UTF8.GetBytes(Record());
        DecisionReplayResult result = DecisionReplay.Run(new MemoryStream(log), _ => new PublishedOrder());

        Assert.Null(result.FirstDifference);
        Assert.True(result.IsComplete);
        Assert.Equal(
            [[(3, 0), (1, 1), (2, 7)], []],
            DecisionLogReader.Read(new MemoryStream(log)).Select(entry => entry.Places).OfType<IReadOnlyList<LoggedPlace>>()
                .Select(places => places.Select(place => (place.Id.Sequence, place.Position)).ToArray()));
    }

    [Fact]
    public void Run_PlacesTakenOut_FindsTheStepThatFollowedThem()
    {
        string log = Regex.Replace(Record(), "\"places\":\\[\\[.*?\\]\\],", "");
        DecisionReplayResult result = DecisionReplay.Run(new MemoryStream(Encoding.UTF8.GetBytes(log)), _ => new PublishedOrder());

        Assert.Contains("step 2: at place 1 the log grants 3:1, the replay 1:1", result.FirstDifference);
    }

    /// <summary>Four requests through one seat: the first by arrival, then a plan names three of them, and later one that names nobody.</summary>
    private static string Record()
    {
        using var stream = new MemoryStream();
        var clock = new SimulatedClock();
        using (var log = new DecisionLog(stream, new DecisionLogOptions { LeaveOpen = true }))
        using (var scheduler = new BatchScheduler(
            new SchedulingStack("planned", new PublishedOrder()), new BatchSchedulerOptions { MaxSequences = 1 }, new SchedulerServices { TimeProvider = clock, DecisionLog = log }))
        {
            for (int i = 0; i < 4; i++)
                scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1 });
            Step(scheduler, clock, 0);
            scheduler.Post(InboxMessage.Planned(new QueuePlan([new(new RequestId(3), 0), new(new RequestId(1), 1), new(new RequestId(2), 7)])));
            Step(scheduler, clock, 3);
            Step(scheduler, clock, 1);
            scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1 });
            scheduler.Post(InboxMessage.Planned(new QueuePlan([])));
            Step(scheduler, clock, 2);
            Step(scheduler, clock, 4);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Step(BatchScheduler scheduler, SimulatedClock clock, long expected)
    {
        BatchPlan plan = scheduler.PlanStep();
        PlannedWork work = Assert.Single(plan.Work.ToArray());
        Assert.Equal(expected, work.Id.Sequence);
        clock.MoveTo(clock.Now + TimeSpan.FromMilliseconds(10));
        scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.FromMilliseconds(10), Progress = [new RequestProgress(work.Id, 1, 1, FinishReason.Stop)] });
    }
}
