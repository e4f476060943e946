namespace LlmScheduling;

/// <summary>An order that needs no search.</summary>
public enum ScheduleRule
{
    /// <summary>As the problem lists them.</summary>
    ArrivalOrder,

    /// <summary>By the time a request runs in a full batch, the shortest first.</summary>
    ShortestFirst,

    /// <summary>By the end-to-end limit, else the limit of the first token, the earliest first; requests without either come last.</summary>
    EarliestDeadline,

    /// <summary>By the latest start in a full batch that keeps the limit that <see cref="EarliestDeadline"/> goes by, the earliest first.</summary>
    LeastSlack,
}
