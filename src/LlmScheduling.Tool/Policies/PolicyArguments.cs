using System.Globalization;

namespace LlmScheduling.Tool;

/// <summary>The parameters given to one name of a policy.</summary>
internal sealed class PolicyArguments
{
    private readonly Dictionary<string, double> _values = [];

    /// <summary>Checks <paramref name="given"/> (<c>key=value</c> each) against <paramref name="parameters"/> and fills in defaults.</summary>
    /// <param name="source">The option as given, for messages.</param>
    /// <param name="name">Whose parameters these are.</param>
    /// <param name="parameters">Those there are.</param>
    /// <param name="given">Those given.</param>
    /// <param name="seatGap">Smallest priority difference that takes a seat; null: seats are never taken.</param>
    /// <exception cref="InputException">An unknown or repeated key, a value out of range, or a missing one.</exception>
    public PolicyArguments(string source, string name, IReadOnlyList<PolicyParameter> parameters, IEnumerable<string> given, int? seatGap)
    {
        SeatGap = seatGap;
        foreach (string pair in given)
        {
            int equals = pair.IndexOf('=');
            string key = equals < 0 ? pair : pair[..equals];
            PolicyParameter parameter = parameters.FirstOrDefault(one => one.Name == key)
                ?? throw new InputException(source, null, $"parameter of {name}", $"'{key}'", parameters.Count == 0 ? "no parameter" : string.Join(", ", parameters.Select(one => one.Name)));
            if (equals < 0 || !TryRead(pair[(equals + 1)..], out double value) || !parameter.IsAllowed(value))
                throw new InputException(source, null, parameter.Name, equals < 0 ? "no value" : $"'{pair[(equals + 1)..]}'", parameter.Allowed);
            if (!_values.TryAdd(key, value))
                throw new InputException(source, null, parameter.Name, "it twice", "once");
        }

        foreach (PolicyParameter parameter in parameters)
        {
            if (!_values.ContainsKey(parameter.Name))
                _values[parameter.Name] = parameter.Default ?? throw new InputException(source, null, parameter.Name, "nothing", $"{parameter.Allowed}, as in {name}:{parameter.Name}=...");
        }
    }

    /// <summary>Smallest priority difference that takes a seat; null: seats are never taken.</summary>
    public int? SeatGap { get; }

    /// <summary>The value of <paramref name="parameter"/>.</summary>
    public double this[string parameter] => _values[parameter];

    /// <summary>The value of <paramref name="parameter"/>, in seconds, as a time.</summary>
    public TimeSpan Seconds(string parameter) => TimeSpan.FromSeconds(_values[parameter]);

    /// <summary>The value of <paramref name="parameter"/>, in microseconds, as a time.</summary>
    public TimeSpan Microseconds(string parameter) => TimeSpan.FromTicks((long)(_values[parameter] * TimeSpan.TicksPerMicrosecond));

    private static bool TryRead(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
