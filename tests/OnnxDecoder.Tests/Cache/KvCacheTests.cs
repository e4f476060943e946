using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxDecoder.Tests;

public sealed class KvCacheTests
{
    private static readonly KvShape Shape = new(Layers: 1, Heads: 2, HeadSize: 1, TensorElementType.Float16);

    [Fact]
    public void Read_GivesBackWhatWasWritten_PaddedByZeros()
    {
        var cache = new KvCache(Shape, blockTokens: 3, totalBlocks: 3);
        Sequence former = new([], new Random(0)), sequence = new([], new Random(0));
        Append(cache, former, 9, at => (byte)(100 + at));
        cache.Release(former);
        Append(cache, sequence, 4, at => (byte)at);
        Append(cache, sequence, 3, at => (byte)(50 + at));
        byte[] row = new byte[18];
        for (int part = 0; part < 2; part++)
        {
            for (int head = 0; head < 2; head++)
            {
                Array.Fill(row, (byte)255);
                cache.Read(sequence, part, head, PaddingSide.Left, row);
                int first = 10 * part + 20 * head;
                Assert.Equal([0, 0, 0, 0, .. Bytes(first, 8), .. Bytes(first + 50, 6)], row);
                cache.Read(sequence, part, head, PaddingSide.Right, row);
                Assert.Equal([.. Bytes(first, 8), .. Bytes(first + 50, 6), 0, 0, 0, 0], row);
            }
        }
    }

    [Fact]
    public void Grow_TakesBlocksAsTheyAreNeeded_AndReleaseGivesThemBack()
    {
        var cache = new KvCache(Shape, blockTokens: 3, totalBlocks: 3);
        Sequence sequence = new([], new Random(0)), other = new([], new Random(0));
        cache.Grow(sequence, 3);
        Assert.Equal(2, cache.Free);
        cache.Grow(sequence, 4);
        cache.Grow(other, 1);
        Assert.Equal(0, cache.Free);
        Assert.Throws<InvalidOperationException>(() => cache.Grow(other, 4));
        byte[] taken = sequence.Blocks[0];
        cache.Release(sequence);
        Assert.Equal(2, cache.Free);
        cache.Grow(other, 9);
        Assert.Contains(taken, other.Blocks);
    }

    private static void Append(KvCache cache, Sequence sequence, int tokens, Func<int, byte> content)
    {
        cache.Grow(sequence, sequence.Computed + tokens);
        for (int part = 0; part < 2; part++)
        {
            for (int head = 0; head < 2; head++)
                cache.Write(sequence, part, head, [.. Bytes(10 * part + 20 * head, 2 * tokens).Select(at => content(at))]);
        }

        sequence.Computed += tokens;
    }

    private static IEnumerable<byte> Bytes(int first, int count) => Enumerable.Range(first, count).Select(at => (byte)at);
}
