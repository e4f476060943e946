namespace LlmScheduling.Tool;

/// <summary>A policy of the command line, ready to run.</summary>
/// <param name="Name">As given.</param>
/// <param name="Policy">Who goes first.</param>
/// <param name="Allocation">How steps are given out.</param>
/// <param name="Victim">Whose KV blocks are taken under pressure; null: the latest admitted.</param>
/// <param name="Annealer">Makes the annealer that plans the queue for it; null: nobody plans.</param>
internal sealed record ParsedPolicy(string Name, ISchedulingPolicy Policy, TokenAllocation Allocation, ISchedulingPolicy? Victim, Func<IQueueAnnealer>? Annealer = null);
