namespace LlmScheduling.Simulation;

/// <summary>A trace file, and the traffic class of its rows.</summary>
/// <param name="Path">A CSV file; <c>.gz</c> is unpacked, <c>-</c> is standard input.</param>
/// <param name="TrafficClass">Class of every row, whatever the file says; null: the file's column <c>slo_class</c>.</param>
public sealed record TraceSource(string Path, string? TrafficClass = null)
{
    /// <summary>Reads <c>PATH</c> or <c>PATH=CLASS</c>. The last equals sign divides them, unless a folder separator follows it.</summary>
    /// <exception cref="InputException">The path or the class is empty.</exception>
    public static TraceSource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int divider = text.LastIndexOf('=');
        if (divider >= 0 && text.AsSpan(divider).ContainsAny('/', '\\'))
            divider = -1;
        string path = (divider < 0 ? text : text[..divider]).Trim();
        string? trafficClass = divider < 0 ? null : text[(divider + 1)..].Trim();
        if (path.Length == 0 || trafficClass is { Length: 0 })
            throw new InputException("--trace", null, null, text.Length == 0 ? "nothing" : text, "PATH or PATH=CLASS");
        return new(path, trafficClass);
    }

    /// <summary>The path's last part and the class, as reports name it.</summary>
    internal string Name => System.IO.Path.GetFileName(Path) + (TrafficClass is null ? "" : "=" + TrafficClass);
}
