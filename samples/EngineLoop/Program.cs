using LlmScheduling;

using var scheduler = new BatchScheduler(
    new SchedulingStack("fcfs", new FirstComeFirstServed()),
    new BatchSchedulerOptions { MaxSequences = 8, MaxBatchTokens = 512, MaxQueuedRequests = 16 });
Task engineLoop = Task.Run(RunEngineAsync);

// Any number of server threads: hand a request in, await how it ended.
RequestTicket[] tickets = [.. Enumerable.Range(1, 20).Select(i =>
    scheduler.Enqueue(new InferenceRequest { PromptTokens = 100 * i, MaxOutputTokens = 32 }))];
scheduler.StopAccepting();
foreach (RequestTicket ticket in tickets)
    Console.WriteLine($"request {ticket.Id.Sequence}, {ticket.Request.PromptTokens} prompt tokens: {await ticket.Outcome}");
await engineLoop;

// The engine's loop: ask for a plan, run it, say what it did.
async Task RunEngineAsync()
{
    var engine = new EchoEngine();
    while (await scheduler.WaitForWorkAsync())
    {
        BatchPlan plan = scheduler.PlanStep();
        foreach (RequestHandle request in plan.Preempted)
            engine.Free(request.Id);
        foreach (RequestHandle request in plan.Released)
            engine.Free(request.Id);
        if (plan.IsEmpty)
            continue;
        (TimeSpan duration, RequestProgress[] progress) = engine.Run(plan);
        scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = duration, Progress = progress });
    }
}
