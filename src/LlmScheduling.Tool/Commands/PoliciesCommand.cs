using System.CommandLine;
using System.Text.Json;

namespace LlmScheduling.Tool;

/// <summary><c>llmsched policies</c>: what <c>--policy</c> may name, a sentence each.</summary>
internal sealed class PoliciesCommand : Command
{
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead of a list." };

    /// <summary>Creates the command.</summary>
    public PoliciesCommand(ToolHost host) : base("policies", "List the policies and decorators that --policy can name, a sentence each.")
    {
        Add(_json);
        Add(NumberOption.Integer("--seed", "Taken so that scripts can give it to every command: nothing here is random.", 0));
        SetAction(parsed =>
        {
            if (parsed.GetValue(_json))
                WriteJson(host);
            else
                WriteList(host);
            return ExitCode.Done;
        });
    }

    private static void WriteJson(ToolHost host) => JsonText.Write(host.Output, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("policies");
        foreach (PolicyEntry entry in PolicyCatalogue.Policies)
            WriteEntry(json, entry.Name, entry.Sentence, entry.Parameters);
        json.WriteEndArray();
        json.WriteStartArray("decorators");
        foreach (DecoratorEntry entry in PolicyCatalogue.Decorators)
            WriteEntry(json, entry.Name, entry.Sentence, entry.Parameters);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteEntry(Utf8JsonWriter json, string name, string sentence, IReadOnlyList<PolicyParameter> parameters)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("sentence", sentence);
        json.WriteStartArray("parameters");
        foreach (PolicyParameter parameter in parameters)
        {
            json.WriteStartObject();
            json.WriteString("name", parameter.Name);
            json.WriteString("meaning", parameter.Meaning);
            json.WriteString("allowed", parameter.Allowed);
            json.WritePropertyName("default");
            JsonText.WriteNumber(json, parameter.Default);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteList(ToolHost host)
    {
        host.Output.WriteLine("Policies: --policy NAME, or one after another for ties: --policy priority,edf");
        foreach (PolicyEntry entry in PolicyCatalogue.Policies)
            WriteEntry(host, entry.Name, entry.Sentence, entry.Parameters);
        host.Output.WriteLine();
        host.Output.WriteLine("Decorators, around a policy: --policy NAME+DECORATOR, the last one outermost");
        foreach (DecoratorEntry entry in PolicyCatalogue.Decorators)
            WriteEntry(host, entry.Name, entry.Sentence, entry.Parameters);
    }

    private static void WriteEntry(ToolHost host, string name, string sentence, IReadOnlyList<PolicyParameter> parameters)
    {
        const int NameWidth = 25;
        WrappedText.Write(host, "  " + name.PadRight(NameWidth), sentence);
        foreach (PolicyParameter parameter in parameters)
            WrappedText.Write(host, new string(' ', NameWidth + 2), $":{parameter.Usage}  {parameter.Meaning}; {parameter.Allowed}");
    }
}
