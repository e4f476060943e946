namespace LlmScheduling.Tool;

/// <summary>A decorator that the command line knows: it goes around a policy.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Sentence">What it does.</param>
/// <param name="Parameters">What can be given after its name.</param>
/// <param name="Wrap">Puts it around a policy.</param>
internal sealed record DecoratorEntry(string Name, string Sentence, IReadOnlyList<PolicyParameter> Parameters, Func<ISchedulingPolicy, PolicyArguments, ISchedulingPolicy> Wrap);
