using System.CommandLine;

namespace LlmScheduling.Tool;

/// <summary><c>llmsched anneal</c>: places the requests of a file on the published timeline.</summary>
internal sealed class AnnealCommand : Command
{
    private readonly AnnealOptions _options = new();
    private readonly ToolHost _host;

    /// <summary>Creates the command.</summary>
    public AnnealCommand(ToolHost host)
        : base("anneal", "Choose order and batches of requests for the most met objectives per second of latency, on a timeline of batches one after another. For example: llmsched anneal --problem jobs.json --budget-ms 5")
    {
        _host = host;
        foreach (Option option in _options.All)
            Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        IScheduleAnnealer annealer = AnnealerOf(parsed);
        using var device = annealer as CudaAnnealer;
        AnnealingProblem problem = Read(parsed);
        AnnealRun run = await AnnealRun.MeasureAsync(annealer, problem, parsed.GetValue(_options.Repeat) ?? 1, TimeProvider.System, cancellationToken);
        if (device?.CpuReason is { } reason)
            _host.Error.WriteLine($"--device cuda: searched on the CPU. {reason}");
        if (parsed.GetValue(_options.Json))
            JsonText.Write(_host.Output, run.WriteJson);
        else
            run.WriteTable(_host);
        return ExitCode.Done;
    }

    private IScheduleAnnealer AnnealerOf(ParseResult parsed)
    {
        string method = parsed.GetValue(_options.Method) ?? "auto", device = parsed.GetValue(_options.Device) ?? "cpu";
        if (device is not ("cpu" or "cuda"))
            throw new InputException("--device", null, null, device, "cpu or cuda");
        if (device == "cuda" && method != "auto")
            throw new InputException("--device", null, null, $"cuda with --method {method}", "cuda with --method auto only");
        bool isScaled = parsed.GetValue(_options.ScaledTemperature);
        if (isScaled && method != "paper")
            throw new InputException("--scaled-temperature", null, null, $"it with --method {method}", "it with --method paper only");
        return method switch
        {
            "auto" when device == "cuda" => new CudaAnnealer(),
            "auto" => new CpuAnnealer(),
            "exact" => new ExactSchedule(),
            "anneal" => new CpuAnnealer(exactJobs: 0),
            "paper" => new PublishedAnnealer(isScaled),
            "fcfs" => new RuleSchedule(ScheduleRule.ArrivalOrder),
            "sjf" => new RuleSchedule(ScheduleRule.ShortestFirst),
            "edf" => new RuleSchedule(ScheduleRule.EarliestDeadline),
            "least-slack" => new RuleSchedule(ScheduleRule.LeastSlack),
            _ => throw new InputException("--method", null, null, method, "auto, exact, anneal, paper, fcfs, sjf, edf or least-slack"),
        };
    }

    private AnnealingProblem Read(ParseResult parsed)
    {
        string path = _host.Locate(parsed.GetValue(_options.Problem) ?? throw new InputException("anneal", null, null, "no --problem", "a file with the requests"));
        long? evaluations = parsed.GetValue(_options.Evaluations);
        double? budget = parsed.GetValue(_options.BudgetMs);
        if (evaluations is not null && budget is not null)
            throw new InputException("anneal", null, null, "both --budget-ms and --evaluations", "one of them");
        if (budget > TimeSpan.FromDays(1).TotalMilliseconds)
            throw new InputException("--budget-ms", null, null, $"{budget}", "at most a day, 86400000");
        // A budget below the clock's tick is the shortest there is.
        TimeSpan? time = budget is { } ms ? TimeSpan.FromTicks(Math.Max(1, (long)(ms * TimeSpan.TicksPerMillisecond))) : null;
        bool isExact = parsed.GetValue(_options.Method) == "exact";
        AnnealingProblem problem = AnnealFile.Read(path, _host.OpenInput, isExact ? ExactSchedule.MostJobs : AnnealFile.MostJobs, evaluations, time, (ulong)(parsed.GetValue(_options.Seed) ?? 1));
        if (isExact && !problem.SampledOutputTokens.IsEmpty)
            throw new InputException(path, null, "jobs[0].sampled_output_tokens", "samples", "none with --method exact: it searches known lengths");
        return problem;
    }
}
