using System.Reflection;

namespace LlmScheduling.Tests.Stacks;

public sealed class SchedulingStacksTests
{
    private static readonly SchedulingStack[] Stacks =
        [.. typeof(SchedulingStacks).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => (SchedulingStack)property.GetValue(null)!)];

    [Fact]
    public void Names_OfTheStacks_AreUnique() => Assert.Equal(Stacks.Length, Stacks.Select(stack => stack.Name).Distinct().Count());

    [Fact]
    public void EachStack_OnAScheduler_ServesAllOfABurst()
    {
        foreach (SchedulingStack stack in Stacks)
        {
            using var rig = new EngineRig(new BatchSchedulerOptions { MaxSequences = 3, MaxBatchTokens = 32 }, stack.Policy, stack.Allocation);
            RequestTicket[] tickets = [.. Enumerable.Range(1, 12).Select(i => rig.Enqueue(prompt: 7 * i, output: i % 4 + 1, priority: i % 3, tenant: $"t{i % 2}"))];
            for (int step = 0; step < 200 && !tickets.All(ticket => ticket.Outcome.IsCompleted); step++)
                rig.Step();
            Assert.All(tickets, ticket => Assert.Equal(RequestOutcome.Completed, ticket.Outcome.Result));
            Assert.Equal(0, rig.Scheduler.PolicyFaults);
        }
    }
}
