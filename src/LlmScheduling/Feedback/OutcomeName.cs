namespace LlmScheduling;

/// <summary>Outcomes as telemetry, logs and files spell them: lower case with underscores.</summary>
public static class OutcomeName
{
    /// <summary>Returns the name of <paramref name="outcome"/>, such as <c>timed_out_in_queue</c>.</summary>
    public static string Of(RequestOutcome outcome) => outcome switch
    {
        RequestOutcome.Completed => "completed",
        RequestOutcome.QueueFull => "queue_full",
        RequestOutcome.Unservable => "unservable",
        RequestOutcome.Unattainable => "unattainable",
        RequestOutcome.TimedOutInQueue => "timed_out_in_queue",
        RequestOutcome.Displaced => "displaced",
        RequestOutcome.Cancelled => "cancelled",
        RequestOutcome.ShutDown => "shut_down",
        RequestOutcome.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome."),
    };
}
