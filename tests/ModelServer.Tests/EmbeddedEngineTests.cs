using LlmScheduling.Simulation;

namespace ModelServerTests;

public sealed class EmbeddedEngineTests
{
    private static readonly EngineSettings Settings = new() { MaxSequences = 4, MaxBatchTokens = 64, StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(20)) };

    [Theory]
    [InlineData("say hello in 12 words", 5, 12)]
    [InlineData("in 3 words or in 7 words", 7, 7)]
    [InlineData("say  hello\n in one line ", 5, null)]
    public async Task Answer_IsAsLongAsThePromptAsks_AndAlwaysTheSame(string prompt, int promptTokens, int? words)
    {
        (Generation first, string text) = await AnswerAsync(prompt);
        (Generation second, string again) = await AnswerAsync(prompt);
        Assert.Equal(promptTokens, first.PromptTokens);
        Assert.Equal(text, again);
        Assert.Equal(words ?? second.Emitted, first.Emitted);
        Assert.Equal(first.Emitted, text.Split(' ').Length);
    }

    [Fact]
    public void ScaledTime_RunsSoManyTimesAsFast()
    {
        var fast = new ScaledTime(100);
        long began = fast.GetTimestamp(), real = TimeProvider.System.GetTimestamp();
        Thread.SpinWait(100_000);
        TimeSpan fastPassed = fast.GetElapsedTime(began), realPassed = TimeProvider.System.GetElapsedTime(real);
        Assert.True(fastPassed >= 50 * realPassed || realPassed < TimeSpan.FromMicroseconds(10), $"{fastPassed} of its time in {realPassed}.");
    }

    private static async Task<(Generation Generation, string Text)> AnswerAsync(string prompt)
    {
        using var engine = new EmbeddedEngine(Settings, speed: 100);
        var generation = new Generation(prompt, []) { MaxTokens = 1_000 };
        engine.Prepare(generation);
        using var scheduler = new LlmScheduling.BatchScheduler(LlmScheduling.SchedulingStacks.Fcfs, engine.Capacity);
        LlmScheduling.RequestTicket ticket = scheduler.Enqueue(new LlmScheduling.InferenceRequest { PromptTokens = generation.PromptTokens, MaxOutputTokens = 1_000, State = generation });
        Task ended = generation.EndWithAsync(ticket.Outcome);
        var output = new StepOutput();
        while (!ticket.Outcome.IsCompleted)
        {
            LlmScheduling.BatchPlan plan = scheduler.PlanStep();
            output.Clear();
            TimeSpan duration = engine.Run(plan, output);
            Assert.Equal(TimeSpan.FromMilliseconds(20), duration);
            output.Publish();
            scheduler.CompleteStep(new LlmScheduling.StepResult { Step = plan.Step, Duration = duration, Progress = output.Progress });
        }

        await ended;
        string text = "";
        await foreach (string piece in generation.Text.ReadAllAsync())
            text += piece;
        return (generation, text);
    }
}
