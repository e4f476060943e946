using System.Globalization;

namespace LlmScheduling.Tool;

/// <summary>One parameter of a policy or decorator, as the command line spells it.</summary>
/// <param name="Name">Its key, with the unit at the end.</param>
/// <param name="Meaning">What it does, in half a sentence.</param>
/// <param name="Default">Its value where it is not given; null: it must be given.</param>
/// <param name="IsAllowed">Whether a finite number may be its value.</param>
/// <param name="Allowed">Which those are.</param>
internal sealed record PolicyParameter(string Name, string Meaning, double? Default, Func<double, bool> IsAllowed, string Allowed)
{
    /// <summary>How it is written in lists: <c>max_wait_s=30</c>, or <c>rate_per_s</c> when it must be given.</summary>
    public string Usage => Default is { } value ? Name + "=" + value.ToString(CultureInfo.InvariantCulture) : Name + "=...";
}
