using System.Text.Json;

namespace LlmScheduling;

/// <summary>Reads a latency model's file and says which field is wrong.</summary>
internal sealed class LatencyModelReader(string file)
{
    public LatencyModelFile Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Bad(null, Name(root), "a JSON object");
        ObservedShapes observed = root.TryGetProperty("observed", out JsonElement range) ? Observed(range) : ObservedShapes.All;
        return new LatencyModelFile(Model(root, observed)) { Fit = Figures(root, "fit"), Evaluation = Figures(root, "evaluation") };
    }

    private IFittedLatencyModel Model(JsonElement root, in ObservedShapes observed)
    {
        if (root.TryGetProperty("groups", out _))
            throw Bad("groups", "a model per GPU", "a file with one model: fit it with --gpu, --model and --tp");
        if (!root.TryGetProperty("form", out JsonElement form))
            throw Bad("form", "nothing", Forms);
        if (!root.TryGetProperty("coefficients", out JsonElement c) || c.ValueKind != JsonValueKind.Object)
            throw Bad("coefficients", c.ValueKind == JsonValueKind.Undefined ? "nothing" : Name(c), "an object");
        return (form.ValueKind == JsonValueKind.String ? form.GetString() : null) switch
        {
            LatencyModelFields.Linear => new LinearLatencyModel(
                Seconds(c, "step_s"), Seconds(c, "prefill_token_s"), Seconds(c, "decode_sequence_s"), Seconds(c, "context_token_s"))
            { Observed = observed },
            LatencyModelFields.Hinge => new HingeLatencyModel
            {
                Step = Seconds(c, "step_s"),
                PrefillStep = Seconds(c, "prefill_step_s"),
                Token = Seconds(c, "token_s"),
                FirstKnee = Seconds(c, "first_knee_tokens"),
                TokenBeyondFirst = Seconds(c, "token_beyond_first_s"),
                SecondKnee = Seconds(c, "second_knee_tokens"),
                TokenBeyondSecond = Seconds(c, "token_beyond_second_s"),
                DecodeSequence = Seconds(c, "decode_sequence_s"),
                DecodeKnee = Seconds(c, "decode_knee_sequences"),
                DecodeSequenceBeyond = Seconds(c, "decode_sequence_beyond_s"),
                ContextToken = Seconds(c, "context_token_s"),
                MixedContextToken = Seconds(c, "mixed_context_token_s"),
                PrefillAttention = Seconds(c, "prefill_attention_s"),
                Observed = observed,
            },
            LatencyModelFields.Experts => new ExpertLatencyModel
            {
                Step = Seconds(c, "step_s"),
                PrefillStep = Seconds(c, "prefill_step_s"),
                Experts = Seconds(c, "experts_s"),
                ExpertsPerToken = Share(c, "experts_per_token"),
                PrefillToken = Seconds(c, "prefill_token_s"),
                DecodeSequence = Seconds(c, "decode_sequence_s"),
                ContextToken = Seconds(c, "context_token_s"),
                MixedContextToken = Seconds(c, "mixed_context_token_s"),
                PrefillAttention = Seconds(c, "prefill_attention_s"),
                Observed = observed,
            },
            _ => throw Bad("form", Name(form), Forms),
        };
    }

    private const string Forms = $"\"{LatencyModelFields.Linear}\", \"{LatencyModelFields.Hinge}\" or \"{LatencyModelFields.Experts}\"";

    private double Seconds(JsonElement coefficients, string name) =>
        Number(coefficients, name) is >= 0 and < double.PositiveInfinity and var value
            ? value
            : throw Bad($"coefficients.{name}", Found(coefficients, name), "a number of at least 0");

    private double Share(JsonElement coefficients, string name) =>
        Number(coefficients, name) is > 0 and <= 1 and var value
            ? value
            : throw Bad($"coefficients.{name}", Found(coefficients, name), "a number above 0 and at most 1");

    private ObservedShapes Observed(JsonElement range)
    {
        if (range.ValueKind != JsonValueKind.Object)
            throw Bad("observed", Name(range), "an object");
        (double least, double most) decodes = Range(range, "decode_sequences", int.MaxValue), prefill = Range(range, "prefill_tokens", int.MaxValue);
        (double least, double most) context = Range(range, "context_tokens", 1L << 53), attention = Range(range, "prefill_attention", double.MaxValue);
        bool mixed = range.TryGetProperty("mixed", out JsonElement value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Bad("observed.mixed", Name(value), "true or false"),
        };
        return new ObservedShapes(
            new BatchShape((int)decodes.least, (int)prefill.least, (long)context.least, attention.least),
            new BatchShape((int)decodes.most, (int)prefill.most, (long)context.most, attention.most),
            mixed);
    }

    private (double Least, double Most) Range(JsonElement observed, string name, double largest)
    {
        if (observed.TryGetProperty(name, out JsonElement range) && range.ValueKind == JsonValueKind.Array && range.GetArrayLength() == 2
            && range[0].ValueKind == JsonValueKind.Number && range[1].ValueKind == JsonValueKind.Number
            && range[0].TryGetDouble(out double least) && range[1].TryGetDouble(out double most)
            && least >= 0 && least <= most && most <= largest)
            return (least, most);
        throw Bad($"observed.{name}", Found(observed, name), "two numbers of at least 0, the smaller first");
    }

    private Dictionary<string, double> Figures(JsonElement root, string name)
    {
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        if (!root.TryGetProperty(name, out JsonElement element))
            return figures;
        if (element.ValueKind != JsonValueKind.Object)
            throw Bad(name, Name(element), "an object");
        foreach (JsonProperty figure in element.EnumerateObject())
        {
            figures[figure.Name] = figure.Value.ValueKind switch
            {
                JsonValueKind.Number => figure.Value.GetDouble(),
                JsonValueKind.Null => double.NaN,
                _ => throw Bad($"{name}.{figure.Name}", Name(figure.Value), "a number or null"),
            };
        }

        return figures;
    }

    private static double? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : null;

    private static string Found(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement value) ? Name(value) : "nothing";

    private static string Name(JsonElement value) => value.ValueKind is JsonValueKind.Object ? "an object"
        : value.ValueKind is JsonValueKind.Array ? "an array"
        : value.GetRawText();

    private InputException Bad(string? field, string found, string allowed) => new(file, null, field, found, allowed);
}
