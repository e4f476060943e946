using System.Globalization;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>A plan's engines in one line for people.</summary>
internal static class EngineText
{
    /// <summary>How many, their capacities, and what they do under pressure.</summary>
    public static string Of(SimulationPlan plan)
    {
        EngineSettings engine = plan.Engine;
        string instances = plan.Instances == 1 ? "Engine: "
            : string.Create(CultureInfo.InvariantCulture, $"{plan.Instances:#,0} engines {(plan.Assignment is null ? "behind one queue" : $"assigned by {plan.AssignmentName}")}, each: ");
        string kv = engine.KvBlocks is { } blocks ? string.Create(CultureInfo.InvariantCulture, $"{blocks:#,0} KV blocks of {engine.KvBlockTokens} tokens") : "unlimited KV";
        string chunks = !engine.ChunkedPrefill ? ", whole prompts" : engine.PrefillChunkTokens is { } chunk ? string.Create(CultureInfo.InvariantCulture, $", chunks of {chunk:#,0}") : "";
        string ranks = engine.DataParallelRanks > 1 ? $"{engine.DataParallelRanks} ranks, each " : "";
        string preemption = engine.Preemption switch { Preemption.None => "no preemption", Preemption.Kv => "preemption for KV", _ => "preemption for KV and seats" };
        return string.Create(CultureInfo.InvariantCulture, $"{instances}{ranks}{engine.MaxSequences:#,0} seats, {engine.MaxBatchTokens:#,0} tokens per step{chunks}, {kv}, {preemption}.");
    }
}
