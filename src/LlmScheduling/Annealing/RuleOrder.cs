namespace LlmScheduling;

/// <summary>Sorts the jobs of a problem by a rule, keeping equal ones in the problem's order; its buffers are reused.</summary>
internal sealed class RuleOrder
{
    private int[] _order = [];
    private double[] _keys = [];

    /// <summary>Job indices; valid until the next call.</summary>
    public ReadOnlySpan<int> Of(AnnealingProblem problem, ScheduleRule rule)
    {
        ReadOnlySpan<AnnealingJob> jobs = problem.Jobs.Span;
        if (_order.Length < jobs.Length)
            (_order, _keys) = (new int[jobs.Length], new double[jobs.Length]);
        Span<int> order = _order.AsSpan(0, jobs.Length);
        Span<double> keys = _keys.AsSpan(0, jobs.Length);
        int batch = Math.Min(problem.MaxBatch, jobs.Length);
        for (int job = 0; job < jobs.Length; job++)
            (order[job], keys[job]) = (job, Key(problem, jobs[job], batch, rule));
        keys.Sort(order);
        for (int first = 0, next; first < order.Length; first = next)
        {
            for (next = first + 1; next < order.Length && keys[next] == keys[first];)
                next++;
            order[first..next].Sort();
        }

        return order;
    }

    private static double Key(AnnealingProblem problem, in AnnealingJob job, int batch, ScheduleRule rule)
    {
        if (rule == ScheduleRule.ArrivalOrder)
            return 0;
        if (rule == ScheduleRule.EarliestDeadline)
            return job.DeadlineMilliseconds;
        double prefill = problem.PrefillMilliseconds(job, batch), decode = problem.DecodeMilliseconds(job, batch);
        if (rule == ScheduleRule.ShortestFirst)
            return prefill + decode;
        return job.DeadlineMilliseconds - prefill - (double.IsFinite(job.EndToEndMilliseconds) ? decode : 0);
    }
}
