namespace LlmScheduling.Simulation;

/// <summary>One engine with a clock of steps of its own: its ranks step together, as long as the slowest.</summary>
internal sealed class SimulatedInstance(EngineSettings settings, SimulatedEngine[] ranks) : IDisposable
{
    private TimeSpan _duration;

    /// <summary>When the step that runs will end; null while none does.</summary>
    public TimeSpan? StepEnd { get; private set; }

    /// <summary>Whether it may have something to serve.</summary>
    public bool HasLive
    {
        get
        {
            foreach (SimulatedEngine rank in ranks)
            {
                if (rank.Scheduler.LiveCount > 0)
                    return true;
            }

            return false;
        }
    }

    public int RunningCount
    {
        get
        {
            int running = 0;
            foreach (SimulatedEngine rank in ranks)
                running += rank.Scheduler.RunningCount;
            return running;
        }
    }

    /// <summary>Requests that got tokens, summed over the steps.</summary>
    public long RequestSteps => ranks.Sum(rank => rank.RequestSteps);

    /// <summary>The scheduler that takes the next arrival: of the rank with the fewest live requests.</summary>
    public BatchScheduler Door
    {
        get
        {
            SimulatedEngine least = ranks[0];
            foreach (SimulatedEngine rank in ranks)
            {
                if (rank.Scheduler.LiveCount < least.Scheduler.LiveCount)
                    least = rank;
            }

            return least.Scheduler;
        }
    }

    /// <summary>Plans a step; false when there is nothing to run.</summary>
    public bool TryPlan()
    {
        bool hasStep = false;
        foreach (SimulatedEngine rank in ranks)
        {
            rank.PlanNow();
            hasStep |= rank.HasStep;
        }

        return hasStep;
    }

    /// <summary>Starts the step that was planned; returns what the slowest rank's holds.</summary>
    public BatchShape Start(TimeSpan now)
    {
        _duration = TimeSpan.Zero;
        BatchShape slowest = default;
        foreach (SimulatedEngine rank in ranks)
        {
            TimeSpan own = rank.Start();
            if (own > _duration)
                (_duration, slowest) = (own, rank.Shape);
        }

        if (settings.LookAheadSteps > 0)
        {
            foreach (SimulatedEngine rank in ranks)
                rank.PlanAhead();
        }

        StepEnd = now + _duration;
        return slowest;
    }

    /// <summary>Ends the step that runs.</summary>
    public void Complete()
    {
        foreach (SimulatedEngine rank in ranks)
            rank.Complete(_duration);
        StepEnd = null;
    }

    public void Dispose()
    {
        foreach (SimulatedEngine rank in ranks)
            rank.Dispose();
    }
}
