namespace LlmScheduling;

/// <summary>What a line of a decision log tells.</summary>
public enum DecisionKind : byte
{
    /// <summary>The first line: the schema, the options, the stack.</summary>
    Header,

    /// <summary>A request reached the engine's thread.</summary>
    Arrival,

    /// <summary>A request was refused on arrival.</summary>
    Refusal,

    /// <summary>A live request was cancelled by its caller.</summary>
    Cancel,

    /// <summary>A cached prefix was reported for a live request.</summary>
    CachedPrefix,

    /// <summary>A ranker's or a length predictor's answer reached a live request.</summary>
    Score,

    /// <summary>Another stack is in force from the next plan on.</summary>
    Stack,

    /// <summary>A step was planned, or there was nothing to run.</summary>
    Plan,

    /// <summary>A step was reported as done.</summary>
    Completion,

    /// <summary>A request ended.</summary>
    Outcome,

    /// <summary>The scheduler was disposed; what it still had ends as shut down.</summary>
    Stop,

    /// <summary>The last line of a log that was disposed.</summary>
    End,
}
