namespace LlmScheduling;

/// <summary>Waits and the backlog in the unit of work: server-seconds, or tokens that the server processed while no latency is known.</summary>
internal static class QueueTime
{
    /// <summary>How long <paramref name="request"/> has waited since it arrived.</summary>
    public static double Wait(in SchedulingSnapshot snapshot, in RequestView request) =>
        snapshot.Work == default
            ? (double)snapshot.ProcessedTokens - request.ProcessedTokensAtArrival
            : ((double)snapshot.Now.Ticks - request.ArrivedAt.Ticks) / TimeSpan.TicksPerSecond;

    /// <summary>Expected work of <paramref name="request"/>, above 0 so that it has a logarithm.</summary>
    public static double Work(in SchedulingSnapshot snapshot, in RequestView request) =>
        Math.Max(1.0 / TimeSpan.TicksPerSecond, snapshot.WorkSeconds(request));

    /// <summary>Expected work of all that waits: how long the server would take for it if nothing else came.</summary>
    public static double Drain(in SchedulingSnapshot snapshot)
    {
        // In whole ticks, whose sum does not depend on the order of the requests.
        Int128 ticks = 0;
        foreach (ref readonly RequestView request in snapshot.Requests)
        {
            if (request.Phase != RequestPhase.Running)
                ticks += (long)Math.Max(0, MeanWork(snapshot, request) * TimeSpan.TicksPerSecond);
        }

        return (double)ticks / TimeSpan.TicksPerSecond;
    }

    // Medians do not add up: the sum of skewed lengths is near the sum of their means.
    private static double MeanWork(in SchedulingSnapshot snapshot, in RequestView request) =>
        snapshot.Work.Seconds(request.PromptTokens, request.Length.IsKnown ? Math.Min(request.Length.Mean, request.MaxOutputTokens) : 0, snapshot.Limits);
}
