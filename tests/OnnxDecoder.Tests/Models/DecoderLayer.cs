namespace OnnxDecoder.Tests;

/// <summary>The weights of one layer; queries have more heads than keys and values.</summary>
internal sealed class DecoderLayer(Random random, DecoderShape shape)
{
    public Dense Query { get; } = new(random, shape.Width, shape.Width);

    public Dense Key { get; } = new(random, shape.Width, shape.KvHeads * shape.HeadSize);

    public Dense Value { get; } = new(random, shape.Width, shape.KvHeads * shape.HeadSize);

    public Dense Mixed { get; } = new(random, shape.Width, shape.Width);

    public Dense Wide { get; } = new(random, shape.Width, 2 * shape.Width);

    public Dense Narrow { get; } = new(random, 2 * shape.Width, shape.Width);
}
