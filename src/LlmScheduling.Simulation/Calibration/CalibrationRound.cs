namespace LlmScheduling.Simulation;

/// <summary>One round of finding a latency model from a request log: simulate under a model, then fit the next one to what ran.</summary>
internal sealed class CalibrationRound(RequestLog log, EngineSettings engine, CancellationToken cancellationToken)
{
    private const int Reweightings = 8;

    // Huber's constant: 95 % as efficient as least squares where errors are normal.
    private const double HuberWidth = 1.345, DeviationOfMedian = 1.4826;

    // An arrival falls somewhere inside a step, so no span is known better than to half a step: as much as one per cent of this many.
    private const double UnsureSteps = 50;

    private readonly Workload _workload = log.ToWorkload();
    private readonly SchedulingStack _stack = new("fcfs", new FirstComeFirstServed());

    /// <summary>A constant step: the median time per output token.</summary>
    public static LinearLatencyModel FirstGuess(IReadOnlyList<LoggedRequest> calibrating)
    {
        double[] perToken = [.. calibrating.Where(request => request.OutputTokens > 1).Select(request => request.DecodeTime / (request.OutputTokens - 1))];
        double step = perToken.Length > 0 ? Quantile.Of(perToken, 0.5) : calibrating.Min(request => request.TimeToFirstToken);
        return new LinearLatencyModel(Math.Max(step, 1e-6), 0, 0, 0);
    }

    /// <summary>Serves the log's requests under <paramref name="model"/>; in the log's order.</summary>
    public (IReadOnlyList<LoggedRequest> Requests, StepLog Steps) Simulate(ILatencyModel model)
    {
        var steps = new StepLog();
        ReplayResult result = Replay.Run(_workload, engine with { StepCost = StepCost.Of(model) }, _stack, new ReplayOptions { Steps = steps }, cancellationToken);
        var simulated = new LoggedRequest[result.Records.Count];
        for (int i = 0; i < simulated.Length; i++)
        {
            RequestRecord record = result.Records[i];
            if (!record.IsCompleted)
                throw new InvalidOperationException($"The engine refuses request {i} of the log ({record.Request.InputTokens} input and {record.Request.OutputTokens} output tokens): {record.Outcome}.");
            simulated[i] = log.Requests[i] with { FirstTokenAt = record.FirstTokenAt!.Value.TotalSeconds, EndedAt = record.EndedAt.TotalSeconds };
        }

        return (simulated, steps);
    }

    /// <summary>
    /// The linear model under which the steps that ran during each request's wait and decode would have taken the logged time.
    /// Errors are relative, but to no less than half a step, and large ones count less (Huber).
    /// </summary>
    public static IFittedLatencyModel Refit(IReadOnlyList<LoggedRequest> calibrating, IReadOnlyList<LoggedRequest> simulated, StepLog steps)
    {
        LatencyTerms terms = LinearTerms.Instance;
        var totals = new StepTotals(steps, terms);
        List<(double[] Terms, double Seconds)> spans = [];
        for (int i = 0; i < calibrating.Count; i++)
        {
            LoggedRequest real = calibrating[i], ours = simulated[i];
            Add(ours.ArrivedAt, ours.FirstTokenAt, real.TimeToFirstToken);
            if (real.OutputTokens > 1 && real.DecodeTime > 0)
                Add(ours.FirstTokenAt, ours.EndedAt, real.DecodeTime);
        }

        double unsureSeconds = UnsureSteps * FirstGuess(calibrating).Step;
        double[] weights = new double[spans.Count], trust = new double[spans.Count], coefficients = new double[terms.Count], errors = new double[spans.Count];
        Array.Fill(weights, 1);
        for (int i = 0; i < spans.Count; i++)
            trust[i] = spans[i].Seconds / (spans[i].Seconds + unsureSeconds);
        var equations = new NormalEquations(terms.Count);
        for (int pass = 0; pass < Reweightings; pass++)
        {
            equations.Clear();
            for (int i = 0; i < spans.Count; i++)
                equations.AddRelative(spans[i].Terms, spans[i].Seconds, weights[i] * trust[i] * trust[i]);
            equations.Solve(coefficients);
            for (int i = 0; i < spans.Count; i++)
                errors[i] = trust[i] * Math.Abs(spans[i].Terms.Zip(coefficients, (term, coefficient) => term * coefficient).Sum() / spans[i].Seconds - 1);
            double width = HuberWidth * Math.Max(1e-4, DeviationOfMedian * Quantile.Of([.. errors], 0.5));
            for (int i = 0; i < spans.Count; i++)
                weights[i] = Math.Min(1, width / errors[i]);
        }

        TimeSpan last = TimeSpan.FromSeconds(simulated.Take(calibrating.Count).Max(request => request.EndedAt));
        ObservedShapes observed = steps.Steps.TakeWhile(step => step.End <= last).Aggregate(ObservedShapes.None, (range, step) => range.With(step.Shape));
        return terms.Model(coefficients, observed);

        void Add(double from, double to, double seconds)
        {
            var sums = new double[terms.Count];
            totals.Between(TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to), sums);
            spans.Add((sums, seconds));
        }
    }
}
