using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.Cuda.Tests;

public sealed class UseOnnxRankerTests
{
    [Fact]
    public async Task UseOnnxRanker_OfAScheduler_ShowsItsScoresToThePolicy()
    {
        using var folder = new ModelFolder(new EncoderShape());
        var policy = new ScoreRecorder();
        var services = new ServiceCollection();
        services.AddLlmScheduler(options => options.MaxSequences = 1).UsePolicy(policy).UseOnnxRanker(folder.Model, options => options.UseCuda = false);
        await using ServiceProvider provider = services.BuildServiceProvider();
        BatchScheduler scheduler = provider.GetRequiredService<BatchScheduler>();
        string[] prompts = ["write a long story", "explain why", "list 10 steps"];
        RequestTicket[] tickets = [.. prompts.Select(prompt => scheduler.Enqueue(new InferenceRequest { Prompt = prompt.AsMemory(), PromptTokens = 4, MaxOutputTokens = 8 }))];
        Assert.True(SpinWait.SpinUntil(() => PlanOnce(scheduler) && policy.Scores.Count == prompts.Length, TimeSpan.FromSeconds(30)));
        using OnnxRequestRanker alone = folder.Load();
        OnnxScoreTests.AssertClose([.. tickets.Select(ticket => (double)policy.Scores[ticket.Id])], await ModelFolder.ScoresAsync(alone, prompts), 1e-5);
    }

    [Fact]
    public async Task UseOnnxRanker_OfAGate_IsDisposedByTheContainer()
    {
        using var folder = new ModelFolder(new EncoderShape());
        var services = new ServiceCollection();
        OnnxRequestRanker used;
        services.AddLlmAdmissionGate().UseOnnxRanker(folder.Model, options => options.UseCuda = false);
        object key = Assert.Single(services, service => service.IsKeyedService && service.ServiceType == typeof(OnnxRequestRanker)).ServiceKey!;
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            Assert.NotNull(provider.GetRequiredService<AdmissionGate>());
            used = provider.GetRequiredKeyedService<OnnxRequestRanker>(key);
            Assert.Equal(2, (await ModelFolder.ScoresAsync(used, "hello", "how many?")).Length);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => ModelFolder.ScoresAsync(used, "hello"));
    }

    [Fact]
    public void UseOnnxRanker_AsDocumented_LooksForTheModelWhenResolved()
    {
        var services = new ServiceCollection();
        services.AddLlmScheduler()
            .UsePolicy(new ShortestRankedFirst())
            .UseOnnxRanker("models/ranker.onnx", options => options.Direction = ScoreDirection.HigherIsLonger);
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.StartsWith("models/ranker.onnx: found no file", Assert.Throws<InputException>(() => { provider.GetRequiredService<BatchScheduler>(); }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseOnnxRanker_OfABadModel_SaysSoWhenResolved()
    {
        using var folder = new ModelFolder("no model"u8.ToArray());
        var services = new ServiceCollection();
        services.AddLlmScheduler().UseOnnxRanker(folder.Model);
        services.AddLlmAdmissionGate().UseOnnxRanker(folder.Model);
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Contains(folder.Model, Assert.Throws<InputException>(() => { provider.GetRequiredService<BatchScheduler>(); }).Message, StringComparison.Ordinal);
        Assert.Contains(folder.Model, Assert.Throws<InputException>(() => { provider.GetRequiredService<AdmissionGate>(); }).Message, StringComparison.Ordinal);
    }

    private static bool PlanOnce(BatchScheduler scheduler)
    {
        BatchPlan plan = scheduler.PlanStep();
        if (!plan.IsEmpty)
            scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.Zero, Progress = [] });
        return true;
    }
}
