namespace LlmScheduling.Tests;

/// <summary>Carries out commands on a scheduler and on the model and compares them after each.</summary>
internal sealed class ModelRun
{
    private readonly ManualTimeProvider _clock = new();
    private readonly List<RequestTicket> _tickets = [];
    private readonly ModelScheduler _model;
    private readonly BatchScheduler _scheduler;
    private long _planned;

    public ModelRun(ModelSetup setup, int policy)
    {
        ModelPolicy? victims = setup.HasVictimPolicy ? new ModelPolicy("least urgent", (_, _, _, priority, _, _, _) => new(priority, 0)) : null;
        _model = new ModelScheduler(setup.Options, victims) { Policy = ModelPolicy.All[policy] };
        _scheduler = new BatchScheduler(StackOf(_model.Policy), setup.Options, new SchedulerServices { TimeProvider = _clock, VictimPolicy = victims });
    }

    public void Execute(ModelCommand[] commands)
    {
        foreach (ModelCommand command in commands)
        {
            Execute(command);
            Assert.Equal(_model.Requests.Select(request => request.Outcome), _tickets.Select(Tickets.Ended));
        }

        _scheduler.Dispose();
        Assert.Equal(_model.Requests.Select(request => request.Outcome ?? RequestOutcome.ShutDown), _tickets.Select(ticket => ticket.Ended()!.Value));
    }

    private static SchedulingStack StackOf(ModelPolicy policy) => new(policy.Name, policy) { Allocation = new() { LookAheadRequests = policy.LookAhead } };

    private void Execute(ModelCommand command)
    {
        switch (command)
        {
            case ModelCommand.Enqueue enqueue:
                TimeSpan? timeout = enqueue.Timeout is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
                _model.Enqueue(enqueue.Input, enqueue.Output, enqueue.Priority, timeout);
                _tickets.Add(_scheduler.Enqueue(new InferenceRequest { PromptTokens = enqueue.Input, MaxOutputTokens = enqueue.Output, Priority = enqueue.Priority, QueueTimeout = timeout }));
                break;
            case ModelCommand.Cancel cancel:
                long id = cancel.Which % (_tickets.Count + 1);
                _model.Cancel(id);
                _scheduler.Cancel(new RequestId(id));
                break;
            case ModelCommand.Swap swap:
                _model.Policy = ModelPolicy.All[swap.Policy];
                _scheduler.Stack = StackOf(_model.Policy);
                break;
            case ModelCommand.Advance advance:
                _clock.Advance(TimeSpan.FromMilliseconds(advance.Milliseconds));
                _model.Now += TimeSpan.FromMilliseconds(advance.Milliseconds);
                break;
            case ModelCommand.Stop:
                _model.IsStopped = true;
                _scheduler.StopAccepting();
                break;
            case ModelCommand.Plan when _planned == 0:
                Plan();
                break;
            case ModelCommand.Complete complete when _planned != 0:
                Complete(new Random(complete.Seed));
                break;
        }
    }

    private void Plan()
    {
        BatchPlan plan = _scheduler.PlanStep();
        Assert.Equal(_model.Plan(), EngineRig.TextOf(plan));
        Assert.Equal(_model.HasFault, plan.PolicyFault is not null);
        _model.CheckBudgets();
        _planned = plan.Step;
    }

    private void Complete(Random random)
    {
        List<RequestProgress> progress = [];
        foreach ((ModelRequest request, int tokens) in _model.Grants)
        {
            bool completes = tokens == request.Todo, emits = request.Output > 0;
            var id = new RequestId(request.Id);
            switch (random.Next(10))
            {
                case 0:
                    break;
                case 1:
                    progress.Add(new(id, tokens / 2, 0));
                    break;
                case 2:
                    progress.Add(new(id, request.Todo, emits ? 1 : 0));
                    break;
                case 3:
                    progress.Add(new(id, tokens, completes && emits ? 1 : 0, FinishReason.Stop));
                    break;
                case 4 when random.Next(3) == 0:
                    progress.Add(new(id, 0, 0, FinishReason.Failed));
                    break;
                default:
                    progress.Add(new(id, tokens, completes && emits ? 1 : 0));
                    break;
            }
        }

        RequestProgress[] shuffled = [.. progress];
        random.Shuffle(shuffled);
        _scheduler.CompleteStep(new StepResult { Step = _planned, Duration = TimeSpan.FromMilliseconds(1), Progress = shuffled });
        _model.Complete(shuffled);
        _planned = 0;
    }
}
