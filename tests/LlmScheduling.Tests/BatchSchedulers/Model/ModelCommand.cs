namespace LlmScheduling.Tests;

/// <summary>One thing that happens to a scheduler. Numbers are reduced to what is possible when the command is carried out.</summary>
internal abstract record ModelCommand
{
    public sealed record Enqueue(int Input, int Output, int Priority, int? Timeout) : ModelCommand;

    public sealed record Cancel(int Which) : ModelCommand;

    public sealed record Plan : ModelCommand;

    /// <summary>Completes the planned step, request by request as <paramref name="Seed"/> says: as planned, half, nothing, a prefix found, stopped, failed.</summary>
    public sealed record Complete(int Seed) : ModelCommand;

    public sealed record Swap(int Policy) : ModelCommand;

    public sealed record Advance(int Milliseconds) : ModelCommand;

    public sealed record Stop : ModelCommand;
}
