namespace LlmScheduling.Tool;

/// <summary>Reads <c>--assignment</c>: where a request is bound to an instance on arrival.</summary>
internal static class AssignmentArgument
{
    /// <summary>What holds without the option: nothing is bound on arrival.</summary>
    public const string CentralQueue = "central-queue";

    /// <summary>What <paramref name="text"/> stands for; null is one central queue.</summary>
    /// <exception cref="InputException">It stands for nothing.</exception>
    public static IInstanceAssignment? Parse(string? text) => text switch
    {
        null or CentralQueue => null,
        "round-robin" => new RoundRobin(),
        "least-work" => new LeastWork(),
        "largest-memory" => new LargestRemainingMemory(),
        "earliest-finish" => new EarliestPredictedFinish(),
        _ => throw new InputException("--assignment", null, null, $"'{text}'", $"{CentralQueue}, round-robin, least-work, largest-memory or earliest-finish"),
    };
}
