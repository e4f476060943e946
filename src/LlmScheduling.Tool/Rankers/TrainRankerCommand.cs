using System.CommandLine;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary><c>llmsched train-ranker</c>: learns from a server's log which prompts get long answers.</summary>
internal sealed class TrainRankerCommand : Command
{
    private readonly TrainRankerOptions _options = new();
    private readonly ToolHost _host;

    /// <summary>Creates the command.</summary>
    public TrainRankerCommand(ToolHost host)
        : base("train-ranker", "Learn from prompts and the lengths of their answers to put new prompts in the order of how long their answers will be. For example: llmsched train-ranker --data log.jsonl --finish-field finish_reason --out chat.ranker")
    {
        _host = host;
        foreach (Option option in _options.All)
            Add(option);
        SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        string data = parsed.GetValue(_options.Data.Data) ?? throw new InputException("train-ranker", null, null, "no --data", "a file of answered prompts");
        PromptRankerTrainerOptions options = OptionsOf(parsed);
        string? dev = parsed.GetValue(_options.Dev), target = parsed.GetValue(_options.Out);
        if (target is "" or ToolHost.Standard)
            throw new InputException("--out", null, null, $"'{target}'", "a file");
        using var files = new OutputFiles();
        if (target is not null)
            files.PrepareFile("--out", _host.Locate(target));

        ResponseFields fields = _options.Data.Fields(parsed, DataOptions.NameOf(parsed, _options.TimeField));
        List<LoggedResponse> rows = ResponseFile.Read(_host.Locate(data), fields, _host.OpenInput);
        List<LoggedResponse>? devRows = dev is null ? null : ResponseFile.Read(_host.Locate(dev), fields, _host.OpenInput);
        int prompts = rows.Select(row => row.Prompt.ToString()).Distinct(StringComparer.Ordinal).Count();
        if (prompts < PromptRankerTrainer.LeastPrompts)
            throw new InputException(_host.Locate(data), null, null, $"{prompts} different prompts", $"{PromptRankerTrainer.LeastPrompts} or more");

        TrainedRanker trained = TrainedRanker.Train(options, rows, devRows, TimeProvider.System, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (target is not null)
            files.Write("--out", _host.Locate(target), stream => stream.Write(trained.File));
        files.Commit();
        if (parsed.GetValue(_options.Json))
            JsonText.Write(_host.Output, trained.WriteJson);
        else
            trained.WriteTable(_host);
        return ExitCode.Done;
    }

    private PromptRankerTrainerOptions OptionsOf(ParseResult parsed)
    {
        string loss = parsed.GetValue(_options.Loss) ?? "ranknet", split = parsed.GetValue(_options.Split) ?? "hash";
        var options = new PromptRankerTrainerOptions
        {
            Loss = loss switch
            {
                "ranknet" => RankerLoss.RankNet,
                "margin" => RankerLoss.Margin,
                "listmle" => RankerLoss.ListMle,
                "pointwise" => RankerLoss.Pointwise,
                _ => throw new InputException("--loss", null, null, loss, "ranknet, margin, listmle or pointwise"),
            },
            Split = split switch
            {
                "hash" => RankerSplit.Hash,
                "time" => RankerSplit.Time,
                _ => throw new InputException("--split", null, null, split, "hash or time"),
            },
            IsSmall = parsed.GetValue(_options.Int8),
            ModelName = parsed.GetValue(_options.Model) ?? "",
            Seed = (ulong)(parsed.GetValue(_options.Seed) ?? 1),
        };
        if (options.Split == RankerSplit.Time && parsed.GetValue(_options.TimeField) is null)
            throw new InputException("train-ranker", null, null, "--split time without --time-field", "the field of when the answer was given");
        bool isPairwise = options.Loss is RankerLoss.RankNet or RankerLoss.Margin;
        if (parsed.GetValue(_options.MinGap) is { } minGap)
            options.MinGap = isPairwise ? minGap : throw new InputException("--min-gap", null, null, $"it with --loss {loss}", "it with --loss ranknet or margin only");
        return options;
    }
}
