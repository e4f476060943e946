namespace LlmScheduling.Tests;

/// <summary>Tests that count what a thread allocates run alone: a meter listener of another test would run, and allocate, on that thread.</summary>
[CollectionDefinition(nameof(CountsAllocations), DisableParallelization = true)]
public sealed class CountsAllocations;
