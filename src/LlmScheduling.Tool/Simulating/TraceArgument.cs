using LlmScheduling.Simulation;

namespace LlmScheduling.Tool;

/// <summary>Reads a <c>--trace</c>: a file, and the class of its rows where <c>=CLASS</c> follows.</summary>
internal static class TraceArgument
{
    /// <summary>Divides <paramref name="text"/> at its last <c>=</c>, unless as a whole it is a file: paths may hold one themselves.</summary>
    /// <exception cref="InputException">The path or the class is empty.</exception>
    public static TraceSource Parse(string text, ToolHost host)
    {
        TraceSource source = File.Exists(host.Locate(text)) ? new TraceSource(text) : TraceSource.Parse(text);
        return source with { Path = host.Locate(source.Path) };
    }
}
