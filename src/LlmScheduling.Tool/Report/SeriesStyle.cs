namespace LlmScheduling.Tool;

/// <summary>How one policy's line looks: a colour that colour-blind readers tell apart, and a dash pattern besides.</summary>
internal static class SeriesStyle
{
    /// <summary>Colours of the style sheet: <c>--c0</c> and so on.</summary>
    public const int Colours = 8;

    private static readonly string[] Dashes = ["none", "7 3", "2 2", "9 3 2 3", "4 2", "1 3"];

    /// <summary>Style declarations of the line of policy <paramref name="index"/>.</summary>
    public static string Of(int index) => $"stroke:var(--c{index % Colours});stroke-dasharray:{Dashes[(index + index / Colours) % Dashes.Length]}";
}
