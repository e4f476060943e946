namespace LlmScheduling.Cuda.Tests;

/// <summary>The weights of one transformer layer.</summary>
internal sealed class EncoderLayer(Random random, int width)
{
    public Dense Query { get; } = new(random, width, width);

    public Dense Key { get; } = new(random, width, width);

    public Dense Value { get; } = new(random, width, width);

    public Dense Mixed { get; } = new(random, width, width);

    public Dense Wide { get; } = new(random, width, 4 * width);

    public Dense Narrow { get; } = new(random, 4 * width, width);
}
