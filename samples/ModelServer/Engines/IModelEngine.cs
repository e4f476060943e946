using LlmScheduling;

/// <summary>A model that runs the steps that the scheduler plans. The server owns its loop; put your decoder here.</summary>
internal interface IModelEngine : IDisposable
{
    /// <summary>The name by which clients ask for it.</summary>
    string Model { get; }

    /// <summary>Seats, tokens per step, KV blocks.</summary>
    BatchSchedulerOptions Capacity { get; }

    /// <summary>Most tokens of prompt and answer together.</summary>
    int MaxContextTokens { get; }

    /// <summary>How long steps take; null: the scheduler learns it.</summary>
    ILatencyModel? Latency { get; }

    /// <summary>The engine's clock, by which promises count.</summary>
    TimeProvider Time { get; }

    /// <summary>KV blocks that no request has, as it counts them; omitted, the scheduler's own count is all there is. Engine's thread.</summary>
    int FreeKvBlocks => int.MaxValue;

    /// <summary>The prompt that a chat becomes. Any thread.</summary>
    string PromptOf(IReadOnlyList<ChatMessage> messages) => string.Join('\n', messages.Select(message => message.Content));

    /// <summary>Reads the prompt: sets <see cref="Generation.PromptTokens"/>, and <see cref="Generation.Sequence"/> to whatever the engine needs of it. Any thread.</summary>
    void Prepare(Generation generation);

    /// <summary>Runs a step: adds to <paramref name="output"/> what it did to each request of the plan. Returns how long it took. One that throws has failed for all of them.</summary>
    TimeSpan Run(BatchPlan plan, StepOutput output);

    /// <summary>Frees a request's KV cache: it has ended, or it was preempted and will be computed anew, with the tokens that it had emitted.</summary>
    void Free(RequestId id);
}
