using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>
/// Reads policies as the command line writes them: <c>name:key=value:key=value</c>, orders one after another with commas,
/// decorators after <c>+</c>, the last one outermost.
/// </summary>
internal static class PolicyParser
{
    private const string ByPriorityName = "priority";

    /// <summary>Makes the policy that <paramref name="text"/> describes, for <paramref name="engine"/>.</summary>
    /// <exception cref="InputException">An unknown name or parameter, a value out of range, or an order that the engine cannot follow.</exception>
    public static ParsedPolicy Parse(string text, EngineSettings engine)
    {
        string source = $"--policy {text}";
        string[] parts = text.Split('+', StringSplitOptions.TrimEntries);
        string[] keys = parts[0].Split(',', StringSplitOptions.TrimEntries);
        bool isByPriority = keys[0] == ByPriorityName;
        bool takesSeats = engine.Preemption == Preemption.Priority;
        if (takesSeats && PolicyCatalogue.Policies.Any(entry => entry.Name == keys[0].Split(':')[0]) && !isByPriority)
            throw new InputException(source, null, "first key", keys[0], $"{ByPriorityName}, since the engine's preemption is priority");

        ISchedulingPolicy? policy = null;
        Func<IQueueAnnealer>? annealer = null;
        foreach (string key in keys)
        {
            (ISchedulingPolicy next, Func<IQueueAnnealer>? planner) = Order(source, key, takesSeats ? engine.PreemptionGap : null);
            annealer ??= planner;
            policy = policy is null ? next : new FirstThen(policy, next);
        }

        foreach (string decorator in parts.Skip(1))
            policy = Decorate(source, decorator, policy!);
        TokenAllocation allocation = Find(source, "policy", keys[0].Split(':')[0], PolicyCatalogue.Policies, one => one.Name).Allocation;
        return new ParsedPolicy(text, policy!, allocation, isByPriority ? new ByPriority(1) : null, annealer);
    }

    private static (ISchedulingPolicy Policy, Func<IQueueAnnealer>? Annealer) Order(string source, string text, int? seatGap)
    {
        string[] words = text.Split(':');
        PolicyEntry entry = Find(source, "policy", words[0], PolicyCatalogue.Policies, one => one.Name);
        var given = new PolicyArguments(source, entry.Name, entry.Parameters, words.Skip(1), seatGap);
        return (entry.Create(given), entry.Annealer is { } annealer ? () => annealer(given) : null);
    }

    private static ISchedulingPolicy Decorate(string source, string text, ISchedulingPolicy inner)
    {
        string[] words = text.Split(':');
        DecoratorEntry entry = Find(source, "decorator", words[0], PolicyCatalogue.Decorators, one => one.Name);
        return entry.Wrap(inner, new PolicyArguments(source, entry.Name, entry.Parameters, words.Skip(1), null));
    }

    private static T Find<T>(string source, string kind, string name, IReadOnlyList<T> entries, Func<T, string> nameOf)
    {
        if (entries.FirstOrDefault(entry => nameOf(entry) == name) is { } known)
            return known;
        string[] names = [.. entries.Select(nameOf)];
        string hint = NearestName.Of(name, names) is { } nearest ? $" (the nearest is {nearest})" : "";
        throw new InputException(source, null, kind, $"'{name}'{hint}", string.Join(", ", names));
    }
}
