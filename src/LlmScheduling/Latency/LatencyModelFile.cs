using System.Text.Json;

namespace LlmScheduling;

/// <summary>
/// A latency model in a JSON file: <c>form</c>, <c>coefficients</c> (seconds per what their name says), <c>observed</c> (the
/// range it was fitted on) and, as far as known, <c>fit</c> and <c>evaluation</c> (figures by name).
/// </summary>
public sealed class LatencyModelFile
{
    /// <summary>A file that holds <paramref name="model"/>.</summary>
    public LatencyModelFile(IFittedLatencyModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
    }

    /// <summary>The model.</summary>
    public IFittedLatencyModel Model { get; }

    /// <summary>The form as files name it: <c>linear</c>, <c>hinge</c> or <c>moe</c>.</summary>
    public string FormName => LatencyModelFields.NameOf(Model.Form);

    /// <summary>The coefficients as files name them: seconds, tokens or shares by their name.</summary>
    public IReadOnlyDictionary<string, double> Coefficients => new Dictionary<string, double>(LatencyModelFields.CoefficientsOf(Model));

    /// <summary>How well it fits what it was fitted to; figures by name.</summary>
    public IReadOnlyDictionary<string, double> Fit { get; init; } = new Dictionary<string, double>();

    /// <summary>How well it predicts what it was not fitted to; figures by name.</summary>
    public IReadOnlyDictionary<string, double> Evaluation { get; init; } = new Dictionary<string, double>();

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is no such file; the message names the file and the field.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LatencyModelFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new InputException(path, null, null, "no file", "a latency model, as fit-latency writes it");
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">JSON in UTF-8.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="InputException">It holds no such file; the message says why.</exception>
    public static LatencyModelFile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream);
            return new LatencyModelReader(name).Read(document.RootElement);
        }
        catch (JsonException fault)
        {
            throw new InputException(name, fault.LineNumber + 1, null, "no JSON", "a latency model, as fit-latency writes it");
        }
    }

    /// <summary>Writes the file, indented, in UTF-8.</summary>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        WriteTo(json);
        json.WriteEndObject();
    }

    /// <summary>Writes the file's fields into an object that is open.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("form", FormName);
        WriteFigures(json, "coefficients", Coefficients);
        WriteObserved(json, Model.Observed);
        if (Fit.Count > 0)
            WriteFigures(json, "fit", Fit);
        if (Evaluation.Count > 0)
            WriteFigures(json, "evaluation", Evaluation);
    }

    private static void WriteFigures(Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, double>> figures)
    {
        json.WriteStartObject(name);
        foreach ((string key, double value) in figures)
        {
            if (double.IsFinite(value))
                json.WriteNumber(key, value);
            else
                json.WriteNull(key);
        }

        json.WriteEndObject();
    }

    /// <summary>An end that is open is left out.</summary>
    private static void WriteObserved(Utf8JsonWriter json, in ObservedShapes observed)
    {
        if (observed == ObservedShapes.All)
            return;
        json.WriteStartObject("observed");
        WriteRange(json, "decode_sequences", observed.Least.DecodeSequences, observed.Most.DecodeSequences);
        WriteRange(json, "prefill_tokens", observed.Least.PrefillTokens, observed.Most.PrefillTokens);
        WriteRange(json, "context_tokens", observed.Least.ContextTokens, observed.Most.ContextTokens);
        WriteRange(json, "prefill_attention", observed.Least.PrefillAttention, observed.Most.PrefillAttention);
        json.WriteBoolean("mixed", observed.HasMixed);
        json.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter json, string name, double least, double most)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(least);
        json.WriteNumberValue(most);
        json.WriteEndArray();
    }
}
