using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmScheduling.Tests;

public sealed class UseAnnealingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void UseAnnealing_Default_PlansOnTheTimelineOfSeats()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLlmScheduler()
            .UsePolicy(new AnnealedSlo())
            .UseAnnealing();
        using ServiceProvider provider = builder.Services.BuildServiceProvider();
        var scheduler = provider.GetRequiredService<BatchScheduler>();
        Assert.IsType<AnnealedSlo>(scheduler.Stack.Policy);
        int[] places = [];
        scheduler.Stack = new SchedulingStack("watch", new Watch(found => places = found));
        foreach (int prompt in (int[])[900, 20, 400])
            scheduler.Enqueue(new InferenceRequest { PromptTokens = prompt, MaxOutputTokens = 1, Objective = new ServiceLevelObjective { EndToEnd = TimeSpan.FromHours(1) } });

        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                scheduler.PlanStep();
                return places.Contains(0);
            },
            Patience));
        Assert.Equal([0, 1, 2], places.Order());
        Assert.Equal(0, scheduler.AnnealerFaults);
    }

    [Fact]
    public void UseAnnealing_WithAnother_AsksThatOne()
    {
        using var annealer = new ScriptedAnnealer();
        var services = new ServiceCollection();
        services.AddLlmScheduler("chat").UseAnnealing().UseAnnealing(_ => annealer);
        using ServiceProvider provider = services.BuildServiceProvider();
        var scheduler = provider.GetRequiredKeyedService<BatchScheduler>("chat");
        scheduler.Stack = new SchedulingStack("watch", new Watch(_ => { }));
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1 });
        scheduler.PlanStep();

        annealer.WaitUntilAsked();
        Assert.Equal([0], annealer.Waiting);
    }

    /// <summary>Holds everything and tells the planned places.</summary>
    private sealed class Watch(Action<int[]> tell) : ISchedulingPolicy
    {
        public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
        {
            keys.Fill(PriorityKey.Hold);
            var places = new List<int>();
            foreach (ref readonly RequestView request in snapshot.Requests)
                places.Add(request.PlannedPosition);
            tell([.. places]);
        }
    }
}
