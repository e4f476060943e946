using System.Globalization;
using System.Text;
using LlmScheduling.Simulation;

namespace LlmScheduling.Testing;

/// <summary>A whole run as plain data: what arrives, on what engine, and who is cancelled when.</summary>
public sealed record RunCase
{
    /// <summary>The requests, by arrival.</summary>
    public required IReadOnlyList<TraceRequest> Requests { get; init; }

    /// <summary>The engine.</summary>
    public required EngineSettings Engine { get; init; }

    /// <summary>Who is cancelled, by place in <see cref="Requests"/>, and before which planned step, from 1.</summary>
    public IReadOnlyList<(int Request, int BeforeStep)> Cancels { get; init; } = [];

    /// <summary>Seeds the scheduler.</summary>
    public ulong Seed { get; init; }

    /// <summary>The case as a C# expression that can be pasted into a test.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("new RunCase\n{\n");
        text.Append("    Requests =\n    [\n");
        foreach (TraceRequest request in Requests)
            text.Append(CultureInfo.InvariantCulture, $"        {Of(request)},\n");
        text.Append("    ],\n");
        text.Append(CultureInfo.InvariantCulture, $"    Engine = {Of(Engine)},\n");
        if (Cancels.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"    Cancels = [{string.Join(", ", Cancels)}],\n");
        if (Seed != 0)
            text.Append(CultureInfo.InvariantCulture, $"    Seed = {Seed}UL,\n");
        return text.Append('}').ToString();
    }

    private static string Of(TraceRequest request)
    {
        var parts = new List<string>
        {
            $"Id = \"{request.Id}\"",
            string.Create(CultureInfo.InvariantCulture, $"ArrivedAt = TimeSpan.FromMilliseconds({request.ArrivedAt.TotalMilliseconds})"),
            $"InputTokens = {request.InputTokens}",
            $"OutputTokens = {request.OutputTokens}",
        };
        if (request.MaxOutputTokens is { } limit)
            parts.Add($"MaxOutputTokens = {limit}");
        if (request.Priority != 0)
            parts.Add($"Priority = {request.Priority}");
        if (request.Tenant.Length > 0)
            parts.Add($"Tenant = \"{request.Tenant}\"");
        if (request.TrafficClass.Length > 0)
            parts.Add($"TrafficClass = \"{request.TrafficClass}\"");
        if (request.Deadline is { } deadline)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"Deadline = TimeSpan.FromMilliseconds({deadline.TotalMilliseconds})"));
        return $"new() {{ {string.Join(", ", parts)} }}";
    }

    private static string Of(EngineSettings engine)
    {
        var parts = new List<string> { $"MaxSequences = {engine.MaxSequences}", $"MaxBatchTokens = {engine.MaxBatchTokens}", "StepCost = StepCost.Fixed(TimeSpan.FromMilliseconds(10))" };
        if (engine.PrefillChunkTokens is { } chunk)
            parts.Add($"PrefillChunkTokens = {chunk}");
        if (engine.KvBlocks is { } blocks)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"KvBlocks = {blocks}, KvBlockTokens = {engine.KvBlockTokens}"));
        if (engine.Preemption != Preemption.None)
            parts.Add($"Preemption = Preemption.{engine.Preemption}");
        if (engine.ExpireAtDeadline)
            parts.Add("ExpireAtDeadline = true");
        if (engine.LookAheadRequests > 0)
            parts.Add($"LookAheadRequests = {engine.LookAheadRequests}");
        return $"new() {{ {string.Join(", ", parts)} }}";
    }
}
