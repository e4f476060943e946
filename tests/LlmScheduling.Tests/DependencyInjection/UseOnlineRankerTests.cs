using LlmScheduling.Tests.Ranking;
using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.Tests;

public sealed class UseOnlineRankerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("")]
    [InlineData("chat")]
    public void UseOnlineRanker_InAScheduler_LearnsFromWhatItCompletes(string name)
    {
        var services = new ServiceCollection();
        services.AddLlmScheduler(name, options => options.MaxSequences = 64)
            .Use(SchedulingStacks.Pars)
            .UseOnlineRanker()
            .CalibrateLengths();
        using ServiceProvider provider = services.BuildServiceProvider();
        BatchScheduler scheduler = Resolve<BatchScheduler>(provider, name);
        OnlineRankerTrainer trainer = Resolve<OnlineRankerTrainer>(provider, name);
        foreach (LoggedResponse row in SampleLog.Of(80))
            Serve(scheduler, row);

        Assert.True(SpinWait.SpinUntil(() => trainer.Learnt == 80, Patience));
        Assert.Equal(0, scheduler.ObserverFaults);
    }

    [Fact]
    public void UseOnlineRanker_WithATrainer_UsesThatOneAndTheLastChoiceOfARankerHolds()
    {
        using var trainer = new OnlineRankerTrainer();
        var services = new ServiceCollection();
        services.AddLlmAdmissionGate().UsePolicy(new ShortestRankedFirst()).UseOnlineRanker(_ => trainer).UseOnlineRanker(_ => trainer).UseRanker(_ => new DelegateRanker(_ => 1));
        using ServiceProvider provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<AdmissionGate>();

        Assert.Same(trainer, provider.GetRequiredService<OnlineRankerTrainer>());
    }

    private static void Serve(BatchScheduler scheduler, LoggedResponse row)
    {
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 3, MaxOutputTokens = 10_000, Prompt = row.Prompt });
        for (int emitted = 0; emitted < row.ResponseTokens;)
        {
            BatchPlan plan = scheduler.PlanStep();
            bool emits = plan.Work.Length > 0;
            emitted += emits ? 1 : 0;
            RequestProgress[] progress = [.. plan.Work.ToArray().Select(work => new RequestProgress(work.Id, work.Tokens, 1, emitted == row.ResponseTokens ? FinishReason.Stop : FinishReason.None))];
            scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.FromMilliseconds(1), Progress = progress });
        }
    }

    private static T Resolve<T>(ServiceProvider provider, string name)
        where T : notnull =>
        name.Length == 0 ? provider.GetRequiredService<T>() : provider.GetRequiredKeyedService<T>(name);
}
