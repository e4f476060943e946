using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.Cuda.Tests;

/// <summary>The whole way of a BERT: trained and exported by the script, loaded, cut into pieces, batched, scored and used to order.</summary>
public sealed class TrainRankerTests(TrainedModel trained) : IClassFixture<TrainedModel>
{
    private static readonly OnnxRankerOptions OnCpu = new() { UseCuda = false };

    [Fact]
    public async Task Scores_OfTheExportedModel_AreThoseOfPyTorch()
    {
        TrainingScript.SkipWithoutPyTorch();
        using OnnxRequestRanker ranker = OnnxRequestRanker.Load(trained.Model, OnCpu);
        double[] expected = [.. Scores().Select(row => row.GetProperty("score").GetDouble())];
        OnnxScoreTests.AssertClose(expected, await ModelFolder.ScoresAsync(ranker, TrainedModel.Scored), 1e-4);
    }

    [Fact]
    public void Tokens_OfAnyText_AreThoseOfTheLibrary()
    {
        TrainingScript.SkipWithoutPyTorch();
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Read(trained.Vocabulary);
        int[] ids = new int[128];
        Assert.All(TrainedModel.Scored.Zip(Scores()), pair =>
            Assert.Equal(pair.Second.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32()), ids[..tokenizer.Encode(pair.First, ids)]));
    }

    [Fact]
    public async Task Order_OfNewPrompts_IsThatOfTheirLengths()
    {
        TrainingScript.SkipWithoutPyTorch();
        using OnnxRequestRanker ranker = OnnxRequestRanker.Load(trained.Model, OnCpu);
        // Those that were cut off have no place in the order.
        int[] rows = [.. Enumerable.Range(1_000, 90).Where(i => i % 9 != 0)];
        float[] scores = await ModelFolder.ScoresAsync(ranker, [.. rows.Select(StoryLog.Prompt)]);
        double tau = KendallTau.TauB([.. rows.Select(i => (double)StoryLog.Tokens(i))], [.. scores.Select(score => (double)score)]);
        Assert.InRange(tau, 0.6, 1);
        JsonElement dev = trained.Result.GetProperty("dev");
        Assert.Equal(rows.Length, dev.GetProperty("n").GetInt32());
        Assert.Equal(tau, dev.GetProperty("kendall_tau_b").GetDouble(), 0.01);
        Assert.InRange(trained.Result.GetProperty("held_out").GetProperty("kendall_tau_b").GetDouble(), 0.5, 1);
    }

    [Fact]
    public async Task UseOnnxRanker_OfTheExportedModel_RanksShortAnswersFirst()
    {
        TrainingScript.SkipWithoutPyTorch();
        var policy = new ScoreRecorder();
        var services = new ServiceCollection();
        services.AddLlmScheduler(options => options.MaxSequences = 1).UsePolicy(policy).UseOnnxRanker(trained.Model, options => options.UseCuda = false);
        await using ServiceProvider provider = services.BuildServiceProvider();
        BatchScheduler scheduler = provider.GetRequiredService<BatchScheduler>();
        string[] prompts = ["Write a story about music and cats, number 7.", "Say in one word what is music and cats, number 8.", "Explain music and cats, number 9."];
        RequestTicket[] tickets = [.. prompts.Select(prompt => scheduler.Enqueue(new InferenceRequest { Prompt = prompt.AsMemory(), PromptTokens = 4, MaxOutputTokens = 8 }))];
        Assert.True(SpinWait.SpinUntil(() => PlanOnce(scheduler) && policy.Scores.Count == prompts.Length, TimeSpan.FromSeconds(30)));
        Assert.Equal([1, 2, 0], Enumerable.Range(0, prompts.Length).OrderBy(i => policy.Scores[tickets[i].Id]));
    }

    private JsonElement.ArrayEnumerator Scores() => trained.Result.GetProperty("scores").EnumerateArray();

    private static bool PlanOnce(BatchScheduler scheduler)
    {
        BatchPlan plan = scheduler.PlanStep();
        if (!plan.IsEmpty)
            scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = TimeSpan.Zero, Progress = [] });
        return true;
    }
}
