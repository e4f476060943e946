namespace LlmScheduling.Mutation;

/// <summary>What became of a mutant.</summary>
internal enum Verdict
{
    Survived,
    Killed,
    TimedOut,
    NotCompiled,
}
