namespace LlmScheduling.Simulation;

/// <summary>Reads an engine's JSON file.</summary>
/// <remarks>
/// <c>max_sequences</c> and <c>max_batch_tokens</c> are required, and so is one of <c>step_us</c> (with <c>per_sequence_us</c>) and
/// <c>latency_model</c> (a file from <c>fit-latency</c>, relative to the engine's file); the properties of <see cref="EngineSettings"/>
/// say what the other keys mean and what holds without them. A key that nothing reads is refused.
/// </remarks>
public static class EngineFile
{
    private const int MaxStepMicroseconds = 2_000_000_000;

    private static readonly string[] Keys =
    [
        "max_sequences", "max_batch_tokens", "prefill_chunk_tokens", "chunked_prefill", "kv_block_tokens", "kv_blocks", "kv_reservation",
        "preemption", "preemption_gap", "max_queued_requests", "queue_full", "deadline_action", "look_ahead_requests", "look_ahead_steps",
        "preempted_blocks_as_cache", "data_parallel_ranks", "max_output_tokens", "step_us", "per_sequence_us", "latency_model",
    ];

    /// <summary>Reads the file at <paramref name="path"/>.</summary>
    /// <param name="path">A JSON file; <c>.gz</c> is unpacked, <c>-</c> is standard input.</param>
    /// <param name="stepCost">How long a step takes, for a caller that measures it: the file must then name neither <c>step_us</c> nor <c>latency_model</c>.</param>
    /// <param name="openStandardInput">Opens what <c>-</c> stands for; null: the console's.</param>
    /// <exception cref="InputException">The file cannot be read or breaks a rule; the message names file, line and key.</exception>
    public static EngineSettings Read(string path, StepCost? stepCost = null, Func<Stream>? openStandardInput = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var fields = new JsonFields(path, "", JsonFile.Read(path, openStandardInput), Keys);
        var engine = new EngineSettings
        {
            MaxSequences = fields.RequiredInteger("max_sequences", 1, int.MaxValue),
            MaxBatchTokens = fields.RequiredInteger("max_batch_tokens", 1, int.MaxValue),
            PrefillChunkTokens = (int?)fields.Integer("prefill_chunk_tokens", 1, int.MaxValue),
            ChunkedPrefill = fields.Boolean("chunked_prefill", true),
            KvBlockTokens = fields.Integer("kv_block_tokens", 1, int.MaxValue, 16),
            KvBlocks = (int?)fields.Integer("kv_blocks", 1, int.MaxValue),
            KvReservation = (KvReservation?)fields.Choice("kv_reservation", true, "on_demand", "whole_prompt", "whole_context"),
            Preemption = (Preemption)(fields.Choice("preemption", false, "none", "kv", "priority") ?? 0),
            PreemptionGap = fields.Integer("preemption_gap", 0, int.MaxValue, 1),
            MaxQueuedRequests = (int?)fields.Integer("max_queued_requests", 0, int.MaxValue),
            QueueFull = (QueueFullAction)(fields.Choice("queue_full", false, "reject", "displace") ?? 0),
            ExpireAtDeadline = fields.Choice("deadline_action", false, "none", "expire") == 1,
            LookAheadRequests = fields.Integer("look_ahead_requests", 0, int.MaxValue, 0),
            LookAheadSteps = fields.Integer("look_ahead_steps", 0, 1, 0),
            PreemptedBlocksAsCache = fields.Boolean("preempted_blocks_as_cache", false),
            DataParallelRanks = fields.Integer("data_parallel_ranks", 1, 4096, 1),
            MaxOutputTokens = (int?)fields.Integer("max_output_tokens", 1, TraceFile.MaxTokens),
            StepCost = Cost(fields, path, stepCost),
        };
        return engine.PrefillChunkTokens is null || engine.ChunkedPrefill
            ? engine
            : throw fields.Bad("prefill_chunk_tokens", "null where chunked_prefill is false");
    }

    private static StepCost Cost(JsonFields fields, string path, StepCost? given)
    {
        long? perSequence = fields.Integer("per_sequence_us", 0, MaxStepMicroseconds);
        // Somebody gets tokens in every step, so that a cost per sequence alone takes time too.
        long? step = fields.Integer("step_us", perSequence > 0 ? 0 : 1, MaxStepMicroseconds);
        string? model = fields.Text("latency_model");
        if (given is not null)
        {
            string? named = step is not null ? "step_us" : perSequence is not null ? "per_sequence_us" : model is not null ? "latency_model" : null;
            return named is null ? given : throw fields.Bad(named, "no step time here: it is measured");
        }

        if (model is not null)
        {
            if (step is not null || perSequence is not null)
                throw fields.Bad(step is not null ? "step_us" : "per_sequence_us", "step_us with per_sequence_us, or latency_model, not both");
            string folder = path == InputFile.StandardInput ? "" : Path.GetDirectoryName(path) ?? "";
            string modelPath = Path.Combine(folder, model);
            return StepCost.Of(InputFile.Read(modelPath, null, stream => LatencyModelFile.Read(stream, modelPath)).Model);
        }

        return step is { } fixedStep
            ? StepCost.Fixed(TimeSpan.FromMicroseconds(fixedStep), TimeSpan.FromMicroseconds(perSequence ?? 0))
            : throw fields.Bad("step_us", $"a whole number from 1 to {MaxStepMicroseconds}, or a latency_model");
    }
}
