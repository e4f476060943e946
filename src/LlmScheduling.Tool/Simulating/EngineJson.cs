using System.Text.Json;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>A plan's engine as JSON, under the keys of engine files, with every default filled in; and how many of it.</summary>
internal static class EngineJson
{
    /// <summary>Writes the property <c>engine</c>.</summary>
    public static void Write(Utf8JsonWriter json, SimulationPlan plan)
    {
        EngineSettings engine = plan.Engine;
        KvReservation reservation = engine.KvReservation ?? (engine.Preemption == Preemption.None ? KvReservation.WholeContext : KvReservation.OnDemand);
        json.WriteStartObject("engine");
        json.WriteNumber("max_sequences", engine.MaxSequences);
        json.WriteNumber("max_batch_tokens", engine.MaxBatchTokens);
        Write(json, "prefill_chunk_tokens", engine.PrefillChunkTokens);
        json.WriteBoolean("chunked_prefill", engine.ChunkedPrefill);
        json.WriteNumber("kv_block_tokens", engine.KvBlockTokens);
        Write(json, "kv_blocks", engine.KvBlocks);
        json.WriteString("kv_reservation", reservation switch { KvReservation.OnDemand => "on_demand", KvReservation.WholePrompt => "whole_prompt", _ => "whole_context" });
        json.WriteString("preemption", engine.Preemption switch { Preemption.None => "none", Preemption.Kv => "kv", _ => "priority" });
        json.WriteNumber("preemption_gap", engine.PreemptionGap);
        json.WriteBoolean("preempted_blocks_as_cache", engine.PreemptedBlocksAsCache);
        Write(json, "max_queued_requests", engine.MaxQueuedRequests);
        json.WriteString("queue_full", engine.QueueFull == QueueFullAction.Displace ? "displace" : "reject");
        json.WriteString("deadline_action", engine.ExpireAtDeadline ? "expire" : "none");
        json.WriteNumber("look_ahead_requests", engine.LookAheadRequests);
        json.WriteNumber("look_ahead_steps", engine.LookAheadSteps);
        json.WriteNumber("data_parallel_ranks", engine.DataParallelRanks);
        Write(json, "max_output_tokens", engine.MaxOutputTokens);
        json.WriteNumber("instances", plan.Instances);
        json.WriteString("assignment", plan.AssignmentName);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, int? value)
    {
        json.WritePropertyName(name);
        JsonText.WriteNumber(json, value);
    }
}
