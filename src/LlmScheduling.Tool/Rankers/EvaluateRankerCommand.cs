using System.CommandLine;
using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary><c>llmsched evaluate-ranker</c>: compares a ranker's order with the true lengths of answers.</summary>
internal sealed class EvaluateRankerCommand : Command
{
    private readonly DataOptions _data = new("compare with");
    private readonly Option<string?> _ranker = DataOptions.Text("--ranker", "R", "What to evaluate: a file of train-ranker, or prompt-length.");
    private readonly Option<long?> _seed = NumberOption.Integer("--seed", "Taken so that scripts can give it to every command: nothing here is random.", 0);
    private readonly Option<bool> _json = new("--json") { Description = "Print the figures as one JSON object instead of a table." };
    private readonly ToolHost _host;

    /// <summary>Creates the command.</summary>
    public EvaluateRankerCommand(ToolHost host)
        : base("evaluate-ranker", "Say how well a ranker puts answers in the order of their lengths, beside the prompt's length, how long it takes for a prompt, and how far its predicted lengths can be trusted. For example: llmsched evaluate-ranker --data new.jsonl --ranker chat.ranker")
    {
        _host = host;
        foreach (Option option in (Option[])[.. _data.All, _ranker, _seed, _json])
            Add(option);
        SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        string data = parsed.GetValue(_data.Data) ?? throw new InputException("evaluate-ranker", null, null, "no --data", "a file of answered prompts");
        string named = parsed.GetValue(_ranker) ?? throw new InputException("evaluate-ranker", null, null, "no --ranker", "a file of train-ranker, or prompt-length");
        PromptFeatureRanker ranker = RankerArgument.Parse("--ranker", named, _host);
        RankerEvaluation evaluation = RankerEvaluation.Of(ranker, ResponseFile.Read(_host.Locate(data), _data.Fields(parsed), _host.OpenInput), TimeProvider.System, cancellationToken);
        if (parsed.GetValue(_json))
        {
            JsonText.Write(_host.Output, json =>
            {
                json.WriteStartObject();
                evaluation.WriteFields(json);
                json.WriteEndObject();
            });
        }
        else
        {
            ColumnTable.Write(_host, ["figure", "value"], [.. evaluation.Rows()]);
        }

        return ExitCode.Done;
    }
}
