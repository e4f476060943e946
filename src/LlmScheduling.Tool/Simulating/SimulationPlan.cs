using System.CommandLine;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>What <c>llmsched simulate</c> was asked to run, read and checked.</summary>
/// <param name="Workload">The requests.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Instances">How many of it.</param>
/// <param name="Assignment">Binds requests to them on arrival; null: they draw from one queue.</param>
/// <param name="AssignmentName">The same as given.</param>
/// <param name="Policies">The policies, in the order given.</param>
/// <param name="Lengths">What they know of output lengths.</param>
/// <param name="LengthsName">The same as given.</param>
/// <param name="Slo">What classes are promised; null: nothing.</param>
/// <param name="Seed">Seeds everything random.</param>
internal sealed record SimulationPlan(
    Workload Workload,
    EngineSettings Engine,
    int Instances,
    IInstanceAssignment? Assignment,
    string AssignmentName,
    IReadOnlyList<ParsedPolicy> Policies,
    LengthKnowledge Lengths,
    string LengthsName,
    SloTable? Slo,
    ulong Seed)
{
    /// <summary>Reads everything that <paramref name="parsed"/> names.</summary>
    /// <exception cref="InputException">Something is missing, cannot be read, or is not allowed.</exception>
    public static SimulationPlan From(ParseResult parsed, SimulateOptions options, ToolHost host)
    {
        string[] traces = parsed.GetValue(options.Traces) ?? [], policies = parsed.GetValue(options.Policies) ?? [];
        string? generated = parsed.GetValue(options.Workload), enginePath = parsed.GetValue(options.Engine), lengths = parsed.GetValue(options.Lengths), sloPath = parsed.GetValue(options.Slo);
        Require(traces.Length > 0 != generated is not null, "simulate", generated is null ? "neither --trace nor --workload" : "both --trace and --workload", "one of them");
        Require(enginePath is not null, "simulate", "no --engine", "an engine file, such as samples/engines/h100-llama2-70b.json");
        Require(policies.Length > 0, "simulate", "no --policy", "one or more; 'llmsched policies' lists them");
        Require(policies.Distinct().Count() == policies.Length, "--policy", "the same one twice", "different ones");
        Require(parsed.GetValue(options.Load) is null || parsed.GetValue(options.Rate) is null, "simulate", "both --load and --rate", "one of them");

        ulong seed = (ulong)(parsed.GetValue(options.Seed) ?? 1);
        EngineSettings engine = EngineFile.Read(host.Locate(enginePath!), openStandardInput: host.OpenInput);
        int instances = (int)Math.Min(parsed.GetValue(options.Instances) ?? 1, int.MaxValue);
        string assignmentName = parsed.GetValue(options.Assignment) ?? AssignmentArgument.CentralQueue;
        IInstanceAssignment? assignment = AssignmentArgument.Parse(assignmentName);
        Require(instances <= ReplayOptions.MostInstances, "--instances", $"{instances}", $"1 to {ReplayOptions.MostInstances}");
        Require(instances == 1 || assignment is not null || engine.DataParallelRanks == 1, "--instances", $"{instances} of an engine with data_parallel_ranks {engine.DataParallelRanks}", "an engine of one rank, or an --assignment, since ranks take their requests on arrival");
        ParsedPolicy[] readPolicies = [.. policies.Select(policy => PolicyParser.Parse(policy, engine))];
        LengthKnowledge knowledge = LengthsArgument.Parse(lengths, host);
        Require(knowledge.Learner is null || (engine.DataParallelRanks == 1 && (instances == 1 || assignment is null)), "--lengths", "online with several queues", "it with one queue: no --assignment, and an engine of one rank");
        SloTable? slo = sloPath is null ? null : SloTable.Read(host.Locate(sloPath), host.OpenInput);
        Workload workload = generated is null
            ? Workload.FromTraces([.. traces.Select(trace => TraceArgument.Parse(trace, host))], host.OpenInput)
            : Workload.Generate(generated, seed);
        Require((knowledge.Ranker is null && knowledge.Learner is null) || workload.Requests.Any(request => !string.IsNullOrEmpty(request.Prompt)), "--lengths", $"{lengths} and no request with a prompt", "a trace with a column prompt");
        if (parsed.GetValue(options.Limit) is { } limit)
            workload = workload.Limit((int)Math.Min(limit, int.MaxValue));
        return new SimulationPlan(workload, engine, instances, assignment, assignmentName, readPolicies, knowledge, lengths ?? "oracle", slo, seed);
    }

    private static void Require(bool holds, string option, string found, string allowed)
    {
        if (!holds)
            throw new InputException(option, null, null, found, allowed);
    }
}
