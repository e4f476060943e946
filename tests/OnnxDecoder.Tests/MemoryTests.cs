namespace OnnxDecoder.Tests;

/// <summary>Alone in the process while it runs, since it counts what the process holds.</summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    private const int Waves = 6, Streams = 100;

    [Fact]
    public async Task Waves_OfRequests_LeaveNothingBehind()
    {
        await using DecoderRig rig = await DecoderRig.StartAsync(change: options => options with { Seats = 32 });
        long[] live = new long[Waves];
        for (int wave = 0; wave < Waves; wave++)
        {
            await Task.WhenAll(Enumerable.Range(0, Streams).Select(i => rig.StreamAsync(DecoderRig.Completion($"{wave} and {i}", 4 + i % 20, stream: true, temperature: 1)))).WaitAsync(DecoderRig.Patience);
            await DecoderRig.UntilAsync(() => rig.Engine.FreeKvBlocks == rig.Engine.Capacity.KvTotalBlocks);
            live[wave] = GC.GetTotalMemory(forceFullCollection: true);
        }

        // The four waves between would be 900 kB if their requests were kept.
        Assert.True(live[^1] - live[1] < 256 * 1024, string.Join(", ", live));
    }
}
