namespace LlmScheduling.Tool;

/// <summary>A policy of the command line, ready to run.</summary>
/// <param name="Name">As given.</param>
/// <param name="Policy">Who goes first.</param>
/// <param name="Victim">Whose KV blocks are taken under pressure; null: the latest admitted.</param>
internal sealed record ParsedPolicy(string Name, ISchedulingPolicy Policy, ISchedulingPolicy? Victim);
