using System.Text.Json;

namespace LlmScheduling;

/// <summary>The values of a decision log's fields that JSON has no form for: "never" is null, and numbers that are not finite are strings.</summary>
internal static class LogField
{
    /// <summary>Writes a time or an amount of time in ticks of 100 ns; null for never.</summary>
    public static void WriteTicks(this Utf8JsonWriter json, string name, TimeSpan value)
    {
        if (value == TimeSpan.MaxValue)
            json.WriteNull(name);
        else
            json.WriteNumber(name, value.Ticks);
    }

    public static void WriteTicks(this Utf8JsonWriter json, string name, TimeSpan? value) => json.WriteTicks(name, value ?? TimeSpan.MaxValue);

    public static void WriteReal(this Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        json.WriteRealValue(value);
    }

    public static void WriteReal(this Utf8JsonWriter json, string name, float value)
    {
        json.WritePropertyName(name);
        if (float.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteRealValue((double)value);
    }

    public static void WriteRealValue(this Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }

    public static void WriteOptional(this Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    public static void WriteOptional(this Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            json.WriteReal(name, number);
        else
            json.WriteNull(name);
    }

    public static TimeSpan Ticks(this JsonElement line, string name) => line.OptionalTicks(name) ?? TimeSpan.MaxValue;

    public static TimeSpan? OptionalTicks(this JsonElement line, string name) =>
        line.GetProperty(name) is { ValueKind: not JsonValueKind.Null } ticks ? new TimeSpan(ticks.GetInt64()) : null;

    public static int? OptionalInt(this JsonElement line, string name) =>
        line.GetProperty(name) is { ValueKind: not JsonValueKind.Null } number ? number.GetInt32() : null;

    public static double? OptionalReal(this JsonElement line, string name) =>
        line.GetProperty(name) is { ValueKind: not JsonValueKind.Null } number ? number.Real() : null;

    public static double Real(this JsonElement value) => value.ValueKind != JsonValueKind.String ? value.GetDouble() : value.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => throw new FormatException("not a number"),
    };

    public static float Single(this JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetSingle() : (float)value.Real();

    public static string Text(this JsonElement line, string name) => line.GetProperty(name).GetString() ?? throw new FormatException("null");
}
