namespace LlmScheduling;

/// <summary>How a request ended; every request ends in exactly one of these.</summary>
public enum RequestOutcome : byte
{
    /// <summary>Served to its end.</summary>
    Completed,

    /// <summary>Refused on arrival: the queue was at its bound of requests or of prompt tokens.</summary>
    QueueFull,

    /// <summary>Refused on arrival: it can never fit the engine's budgets, however long it waits.</summary>
    Unservable,

    /// <summary>Refused by the policy before it was ever admitted: its objective can no longer be met.</summary>
    Unattainable,

    /// <summary>Its queue timeout passed before it was ever admitted.</summary>
    TimedOutInQueue,

    /// <summary>Put out of a full queue by a more urgent arrival.</summary>
    Displaced,

    /// <summary>Cancelled by its caller.</summary>
    Cancelled,

    /// <summary>The scheduler was stopped or disposed first.</summary>
    ShutDown,

    /// <summary>The engine reported a failure.</summary>
    Failed,
}
