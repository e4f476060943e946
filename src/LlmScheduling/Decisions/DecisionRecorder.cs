using System.Text.Json;

namespace LlmScheduling;

/// <summary>Writes what a scheduler is told and what it decides as lines of a <see cref="DecisionLog"/>. One thread at a time.</summary>
internal sealed class DecisionRecorder(DecisionLog log) : ISchedulingObserver
{
    public const int Schema = 1;

    private readonly LineBuffer _line = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { SkipValidation = true });
    private readonly List<LoggedPlace> _places = [];
    private SchedulingStack? _stack;
    private bool _isReordered;

    public void Header(BatchSchedulerOptions options, SchedulingStack stack, SchedulerServices services)
    {
        _stack = stack;
        Begin("header");
        _json.WriteNumber("schema", Schema);
        LogHeader.WriteOptions(_json, options);
        _json.WriteString("stack", stack.Name);
        LogHeader.WriteAllocation(_json, stack.Allocation);
        _json.WriteString("latencyModel", services.Latency?.GetType().Name);
        _json.WriteString("victimPolicy", services.VictimPolicy?.GetType().Name);
        End();
    }

    /// <summary>A message reached the request it is about.</summary>
    public void Drained(in InboxMessage message, LiveRequest live)
    {
        switch (message.Kind)
        {
            case InboxMessageKind.Arrival:
                BeginRequest("arrival", live);
                break;
            case InboxMessageKind.Cancel:
                Begin("cancel", live.Id);
                break;
            case InboxMessageKind.CachedPrefix:
                Begin("cachedPrefix", live.Id);
                _json.WriteNumber("tokens", message.Tokens);
                break;
            case InboxMessageKind.Ranked:
                Begin("score", live.Id);
                _json.WriteReal("score", message.Score);
                _json.WriteReal("median", message.Length.Median);
                _json.WriteReal("logSpread", message.Length.LogSpread);
                if (message.Replaces)
                    _json.WriteBoolean("replaces", true);
                break;
            default:
                return;
        }

        End();
    }

    /// <summary>A plan of the queue is in force from the next step on; that step's line tells it.</summary>
    public void Reordered(QueuePlan plan)
    {
        _places.Clear();
        _places.AddRange(plan.Requests);
        _isReordered = true;
    }

    /// <summary>A request was refused on arrival.</summary>
    public void Refused(LiveRequest live, RequestOutcome outcome)
    {
        BeginRequest("refusal", live);
        _json.WriteString("outcome", OutcomeName.Of(outcome));
        End();
    }

    /// <summary>A step was planned under <paramref name="stack"/>; an empty one has no number.</summary>
    public void Planned(TimeSpan now, int freeKvBlocks, SchedulingStack stack, BatchPlan plan, ReadOnlySpan<PriorityKey> keys, ReadOnlySpan<LiveRequest> admitted)
    {
        if (!ReferenceEquals(stack, _stack))
            Swapped(stack);
        Begin("plan");
        _json.WriteNumber("at", now.Ticks);
        _json.WriteNumber("step", plan.Step);
        _json.WriteOptional("freeKvBlocks", freeKvBlocks == int.MaxValue ? null : freeKvBlocks);
        WritePlaces();
        _json.WriteStartArray("work");
        foreach (ref readonly PlannedWork work in plan.Work)
        {
            _json.WriteStartArray();
            _json.WriteNumberValue(work.Id.Sequence);
            _json.WriteNumberValue(work.Tokens);
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
        _json.WriteStartArray("admitted");
        foreach (LiveRequest live in admitted)
        {
            PriorityKey key = keys[live.Index];
            _json.WriteStartArray();
            _json.WriteNumberValue(live.Id.Sequence);
            _json.WriteNumberValue(key.Tier);
            _json.WriteNumberValue(key.Band);
            _json.WriteRealValue(key.Score);
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
        WriteIds("preempted", plan.Preempted);
        WriteIds("released", plan.Released);
        if (plan.PolicyFault is { } fault)
            _json.WriteString("policyFault", $"{fault.GetType().Name}: {fault.Message}");
        End();
    }

    /// <summary>A step was reported as done, and the report is legal.</summary>
    public void Completed(TimeSpan now, in StepResult result)
    {
        Begin("completion");
        _json.WriteNumber("at", now.Ticks);
        _json.WriteNumber("step", result.Step);
        _json.WriteNumber("duration", result.Duration.Ticks);
        _json.WriteStartArray("progress");
        foreach (ref readonly RequestProgress progress in result.Progress)
        {
            _json.WriteStartArray();
            _json.WriteNumberValue(progress.Id.Sequence);
            _json.WriteNumberValue(progress.ComputedTokens);
            _json.WriteNumberValue(progress.EmittedTokens);
            if (progress.Finish != FinishReason.None)
                _json.WriteStringValue(Finish(progress.Finish));
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
        End();
    }

    /// <summary>The scheduler is taken down; what is left ends as shut down.</summary>
    public void Stopped(TimeSpan now)
    {
        Begin("stop");
        _json.WriteNumber("at", now.Ticks);
        End();
    }

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request)
    {
        Begin("outcome", request.Id);
        _json.WriteNumber("at", request.EndedAt.Ticks);
        _json.WriteString("outcome", OutcomeName.Of(request.Outcome));
        _json.WriteString("finish", Finish(request.Finish));
        _json.WriteTicks("admittedAt", request.AdmittedAt);
        _json.WriteTicks("firstTokenAt", request.FirstTokenAt);
        _json.WriteNumber("generated", request.GeneratedTokens);
        _json.WriteNumber("preemptions", request.Preemptions);
        End();
    }

    private static string Finish(FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.Failed => "failed",
        _ => "none",
    };

    private void Swapped(SchedulingStack stack)
    {
        _stack = stack;
        Begin("stack");
        _json.WriteString("stack", stack.Name);
        LogHeader.WriteAllocation(_json, stack.Allocation);
        End();
    }

    private void WritePlaces()
    {
        if (!_isReordered)
            return;
        _isReordered = false;
        _json.WriteStartArray("places");
        foreach (LoggedPlace place in _places)
        {
            _json.WriteStartArray();
            _json.WriteNumberValue(place.Id.Sequence);
            _json.WriteNumberValue(place.Position);
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
    }

    private void WriteIds(string name, ReadOnlySpan<RequestHandle> requests)
    {
        _json.WriteStartArray(name);
        foreach (ref readonly RequestHandle request in requests)
            _json.WriteNumberValue(request.Id.Sequence);
        _json.WriteEndArray();
    }

    private void BeginRequest(string kind, LiveRequest live)
    {
        InferenceRequest request = live.Request;
        Begin(kind, live.Id);
        _json.WriteNumber("at", live.ArrivedAt.Ticks);
        _json.WriteNumber("promptTokens", request.PromptTokens);
        _json.WriteNumber("maxOutputTokens", request.MaxOutputTokens);
        _json.WriteNumber("cachedPrefixTokens", request.CachedPrefixTokens);
        _json.WriteString("tenant", request.Tenant);
        _json.WriteString("trafficClass", request.TrafficClass);
        _json.WriteNumber("priority", request.Priority);
        _json.WriteTicks("queueTimeout", request.QueueTimeout);
        _json.WriteTicks("timeToFirstToken", live.Targets.TimeToFirstToken);
        _json.WriteTicks("timePerOutputToken", live.Targets.TimePerOutputToken);
        _json.WriteTicks("endToEnd", live.Targets.EndToEnd);
        _json.WriteNumber("processedTokens", live.ProcessedTokensAtArrival);
    }

    private void Begin(string kind, RequestId id)
    {
        Begin(kind);
        _json.WriteNumber("id", id.Sequence);
    }

    private void Begin(string kind)
    {
        _line.Clear();
        _json.Reset(_line);
        _json.WriteStartObject();
        _json.WriteString("kind", kind);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _line.HandTo(log);
    }
}
