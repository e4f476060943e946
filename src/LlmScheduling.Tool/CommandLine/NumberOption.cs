using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace LlmScheduling.Tool;

/// <summary>Options of numbers that name what was found and what is allowed when they are wrong.</summary>
internal static class NumberOption
{
    /// <summary>An integer of at least <paramref name="minimum"/>.</summary>
    public static Option<long?> Integer(string name, string description, long minimum) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Parse<long>(result, $"an integer of {minimum} or more", text =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= minimum ? value : null),
    };

    /// <summary>A finite number above zero.</summary>
    public static Option<double?> Positive(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result => Parse<double>(result, "a number above 0", text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && double.IsFinite(value) ? value : null),
    };

    private static T? Parse<T>(ArgumentResult result, string allowed, Func<string, T?> parse) where T : struct
    {
        string text = result.Tokens[0].Value;
        T? value = parse(text);
        if (value is null)
            result.AddError($"{result.Argument.Name} is '{text}'; it must be {allowed}.");
        return value;
    }
}
