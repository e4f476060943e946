namespace LlmScheduling.Tool;

/// <summary>One engine's model and its figures.</summary>
/// <param name="Name">Names of GPU, model and, for a profile, tensor-parallel degree, divided by slashes.</param>
/// <param name="File">What goes into the file.</param>
internal sealed record FittedEngine(string Name, LatencyModelFile File);
