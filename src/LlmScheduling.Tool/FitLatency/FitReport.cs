using System.Text.Json;

namespace LlmScheduling.Tool;

/// <summary>What <c>llmsched fit-latency</c> found.</summary>
internal sealed class FitReport
{
    /// <summary>One engine, or several that were fitted one by one.</summary>
    public required IReadOnlyList<FittedEngine> Engines { get; init; }

    /// <summary>Figures on what was fitted, over all engines.</summary>
    public required IReadOnlyDictionary<string, double> Fit { get; init; }

    /// <summary>Figures on what was not fitted, over all engines; null when nothing was given.</summary>
    public IReadOnlyDictionary<string, double>? Held { get; init; }

    /// <summary>What the figures of <see cref="Held"/> are called: <c>evaluation</c> or <c>test</c>.</summary>
    public string HeldName { get; init; } = "evaluation";

    /// <summary>What a user should hear though it is no error.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// Writes one object: the model's file where there is one engine; where there are several, the property <c>groups</c> with
    /// a model each, which engine files do not take, and the figures over all.
    /// </summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Engines is [FittedEngine one])
        {
            one.File.WriteTo(json);
        }
        else
        {
            string[] forms = [.. Engines.Select(engine => engine.File.FormName).Distinct()];
            json.WriteString("form", forms is [string form] ? form : "mixed");
            json.WriteStartArray("groups");
            foreach (FittedEngine engine in Engines)
            {
                json.WriteStartObject();
                json.WriteString("name", engine.Name);
                engine.File.WriteTo(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteFigures(json, "fit", Fit);
        }

        // The file of one engine has what it needs to say but for a test's figures.
        if (Held is not null && (Engines.Count > 1 || HeldName != "evaluation"))
            WriteFigures(json, HeldName, Held);
        json.WriteEndObject();
    }

    private static void WriteFigures(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, double> figures)
    {
        json.WriteStartObject(name);
        foreach ((string figure, double value) in figures)
        {
            json.WritePropertyName(figure);
            JsonText.WriteNumber(json, value);
        }

        json.WriteEndObject();
    }
}
