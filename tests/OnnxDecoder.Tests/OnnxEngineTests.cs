using LlmScheduling;

namespace OnnxDecoder.Tests;

/// <summary>The engine in a loop of its own, without a server, so that every step can be looked at.</summary>
public sealed class OnnxEngineTests
{
    private static readonly string[] Prompts = ["hello world and the rest of it", "the red ring", "in and out", "0123456789 0123456789", "x", "and the other world", "er", "re re re re re"];

    private long _mostAllocated;

    [Theory]
    [InlineData(KvReservation.OnDemand, 24)]
    [InlineData(KvReservation.OnDemand, 500)]
    [InlineData(KvReservation.WholePrompt, 24)]
    [InlineData(KvReservation.WholeContext, 24)]
    public async Task KvBlocks_AfterEveryStep_AreThoseThatTheSchedulerCounts(KvReservation reservation, int blocks)
    {
        using var model = new TemporaryModel();
        using OnnxEngine engine = model.Load(options => options with { Context = 64, KvBytes = blocks * 4L * 256 });
        engine.Capacity.KvReservation = reservation;
        Assert.Equal(blocks, engine.Capacity.KvTotalBlocks);
        using var scheduler = new BatchScheduler(SchedulingStacks.Fcfs, engine.Capacity);
        Generation[] generations = [.. Prompts.Select(prompt => new Generation(prompt, []) { Temperature = 0, MaxTokens = 30 })];
        RequestTicket[] tickets = [.. generations.Select(generation => Enqueue(engine, scheduler, generation))];
        scheduler.StopAccepting();
        int preempted = await RunAsync(engine, scheduler, () =>
        {
            // What a prompt or a context has set aside is taken as it is computed.
            if (reservation == KvReservation.OnDemand)
                Assert.Equal(blocks - scheduler.HeldKvBlocks, engine.FreeKvBlocks);
            else
                Assert.True(engine.FreeKvBlocks >= blocks - scheduler.HeldKvBlocks);
        });
        Assert.Equal(blocks, engine.FreeKvBlocks);
        Assert.Equal(reservation != KvReservation.WholeContext && blocks == 24, preempted > 0);
        for (int i = 0; i < Prompts.Length; i++)
        {
            // Who was preempted is computed again with what it had said, and goes on as if nothing had been.
            Assert.Equal(RequestOutcome.Completed, await tickets[i].Outcome);
            Assert.Equal(model.Answer(Prompts[i], 30).Text, TextOf(generations[i]));
        }
    }

    [Fact]
    public async Task Cancelled_GivesItsBlocksBack_WithTheNextPlan()
    {
        using var model = new TemporaryModel();
        using OnnxEngine engine = model.Load();
        using var scheduler = new BatchScheduler(SchedulingStacks.Fcfs, engine.Capacity);
        RequestTicket[] tickets = [.. Prompts.Select(prompt => Enqueue(engine, scheduler, new Generation(prompt, []) { Temperature = 0, MaxTokens = 200 }))];
        scheduler.StopAccepting();
        int step = 0;
        await RunAsync(engine, scheduler, () =>
        {
            step++;
            if (step == 10)
                scheduler.Cancel(tickets[0].Id);
            if (step == 11)
            {
                Assert.Equal(engine.Capacity.KvTotalBlocks - scheduler.HeldKvBlocks, engine.FreeKvBlocks);
                foreach (RequestTicket ticket in tickets)
                    scheduler.Cancel(ticket.Id);
            }
        });
        Assert.Equal(11, step);
        Assert.Equal(engine.Capacity.KvTotalBlocks, engine.FreeKvBlocks);
        Assert.All(tickets, ticket => Assert.Equal(RequestOutcome.Cancelled, ticket.Outcome.Result));
    }

    [Fact]
    public async Task Steps_BatchWhatDecodes_AndPromptsInChunks()
    {
        using var model = new TemporaryModel();
        using OnnxEngine engine = model.Load();
        using var scheduler = new BatchScheduler(SchedulingStacks.Fcfs, engine.Capacity);
        int steps = 0;
        foreach (string prompt in Prompts)
            Enqueue(engine, scheduler, new Generation(prompt, []) { Temperature = 0, MaxTokens = 30 });
        scheduler.StopAccepting();
        await RunAsync(engine, scheduler, () => steps++);

        // The longest prompt takes its chunks of five tokens, then everybody decodes at once.
        int chunks = Prompts.Max(prompt => (model.Answer(prompt, 1).PromptTokens + 4) / 5);
        Assert.InRange(steps, 30, 30 + chunks);
    }

    [Fact]
    public async Task Step_OfOneLongAndManyShort_TakesNoMoreThanTheCacheHolds()
    {
        const int Long = 3_000, CacheTokens = 4_096;
        using var model = new TemporaryModel(new DecoderShape { Positions = CacheTokens });
        using OnnxEngine engine = model.Load(options => options with { KvBytes = CacheTokens * 256, ChunkTokens = 64 });
        using var scheduler = new BatchScheduler(SchedulingStacks.Fcfs, engine.Capacity);
        foreach (string prompt in new[] { new string('1', Long) }.Concat(Enumerable.Repeat("x", engine.Capacity.MaxSequences - 1)))
            Enqueue(engine, scheduler, new Generation(prompt, []) { Temperature = 0, MaxTokens = 20 });
        scheduler.StopAccepting();
        await RunAsync(engine, scheduler, () => { });

        // The mask alone is eight bytes for each token of a run, padded: 384 kB if all were padded to the long one.
        Assert.InRange(_mostAllocated, 1, 3 * 8 * CacheTokens);
    }

    private static RequestTicket Enqueue(OnnxEngine engine, BatchScheduler scheduler, Generation generation)
    {
        engine.Prepare(generation);
        return scheduler.Enqueue(new InferenceRequest { PromptTokens = generation.PromptTokens, MaxOutputTokens = generation.MaxTokens, State = generation });
    }

    /// <summary>The server's loop; returns how often a request was preempted.</summary>
    private async Task<int> RunAsync(OnnxEngine engine, BatchScheduler scheduler, Action afterStep)
    {
        var output = new StepOutput();
        int preempted = 0;
        while (await scheduler.WaitForWorkAsync())
        {
            BatchPlan plan = scheduler.PlanStep(engine.FreeKvBlocks);
            preempted += plan.Preempted.Length;
            foreach (RequestHandle request in plan.Preempted)
                engine.Free(request.Id);
            foreach (RequestHandle request in plan.Released)
                engine.Free(request.Id);
            if (plan.IsEmpty)
                continue;
            output.Clear();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan duration = engine.Run(plan, output);
            _mostAllocated = Math.Max(_mostAllocated, GC.GetAllocatedBytesForCurrentThread() - allocated);
            output.Publish();
            scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = duration, Progress = output.Progress });
            foreach (RequestProgress progress in output.Progress)
            {
                if (progress.Finish != FinishReason.None)
                    engine.Free(progress.Id);
            }

            afterStep();
        }

        return preempted;
    }

    private static string TextOf(Generation generation)
    {
        var text = new System.Text.StringBuilder();
        while (generation.Text.TryRead(out string? piece))
            text.Append(piece);
        return text.ToString();
    }
}
