namespace OnnxDecoder.Tests;

public sealed class ManyStreamsTests
{
    [Fact]
    public async Task TwoHundredStreams_WithTooFewBlocksForAll_AreAllWhatTheModelSaysAlone()
    {
        const int Streams = 200;
        // Seed 8 of the first ten keeps the best two scores furthest apart, for the rounding of other machines.
        await using DecoderRig rig = await DecoderRig.StartAsync(new DecoderShape { Seed = 8 }, options => options with { Seats = 48, Context = 64, KvBytes = 300 * 4 * 256 });
        string[] prompts = [.. Enumerable.Range(0, 10).Select(i => string.Concat(Enumerable.Repeat($"the {i} ", 1 + i)))];
        SeenAnswer[] seen = await Task.WhenAll(Enumerable.Range(0, Streams).Select(i => rig.StreamAsync(DecoderRig.Completion(prompts[i % 10], 16, stream: true)))).WaitAsync(DecoderRig.Patience);
        string[] expected = [.. prompts.Select(prompt => rig.Model.Answer(prompt, 16).Text)];
        for (int i = 0; i < Streams; i++)
            Assert.Equal(expected[i % 10], seen[i].Text);
        await DecoderRig.UntilAsync(() => rig.Engine.FreeKvBlocks == 300);
    }
}
