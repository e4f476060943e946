using System.Net;
using LlmScheduling;

namespace OnnxDecoder.Tests;

public sealed class FaultTests
{
    [Fact]
    public async Task Disconnect_InMidStream_FreesItsBlocks_AndOthersGoOn()
    {
        var ends = new Ends();
        await using DecoderRig rig = await DecoderRig.StartAsync(new DecoderShape { Positions = 8_192 }, options => options with { KvBytes = 16L << 20 }, observers: ends);
        using var caller = new CancellationTokenSource();
        HttpResponseMessage response = await rig.PostAsync(DecoderRig.Completion("hello world", 8_000, stream: true), caller.Token);
        Stream stream = await response.Content.ReadAsStreamAsync();
        Assert.True(await stream.ReadAsync(new byte[1]) > 0);
        response.Dispose();
        await DecoderRig.UntilAsync(() => rig.Engine.FreeKvBlocks == rig.Engine.Capacity.KvTotalBlocks);
        Assert.Equal(RequestOutcome.Cancelled, Assert.Single(ends.All).Value);
        Assert.Equal(rig.Model.Answer("the next", 9).Text, (await rig.AskAsync(DecoderRig.Completion("the next", 9))).Text);
    }

    [Fact]
    public async Task FailedStep_EndsEachOfItsRequestsOnce_AndTheServerGoesOn()
    {
        var ends = new Ends();
        // The model fails at position 64, which its configuration claims it has.
        await using DecoderRig rig = await DecoderRig.StartAsync(new DecoderShape { Positions = 64, ClaimedPositions = 200 }, observers: ends);
        Task<HttpResponseMessage>[] asked = [.. Enumerable.Range(0, 5).Select(i => rig.PostAsync(DecoderRig.Completion($"number {i}", 150)))];
        foreach (HttpResponseMessage response in await Task.WhenAll(asked))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Contains("\"code\":\"failed\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(5, ends.All.Count);
        Assert.All(ends.All.Values, outcome => Assert.Equal(RequestOutcome.Failed, outcome));
        await DecoderRig.UntilAsync(() => rig.Engine.FreeKvBlocks == rig.Engine.Capacity.KvTotalBlocks);
        Assert.Equal(rig.Model.Answer("the next", 9).Text, (await rig.AskAsync(DecoderRig.Completion("the next", 9))).Text);
    }

    [Fact]
    public async Task ScoresThatAreNoNumbers_FailTheirOwnRequestOnly()
    {
        var ends = new Ends();
        await using DecoderRig rig = await DecoderRig.StartAsync(new DecoderShape { Spoiler = '~' }, observers: ends);
        Task<SeenAnswer>[] others = [.. Enumerable.Range(0, 5).Select(i => rig.AskAsync(DecoderRig.Completion($"number {i}", 60)))];
        foreach (HttpResponseMessage response in await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => rig.PostAsync(DecoderRig.Completion("hello ~ and more", 9)))))
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        for (int i = 0; i < others.Length; i++)
            Assert.Equal(rig.Model.Answer($"number {i}", 60).Text, (await others[i]).Text);
        Assert.Equal(3, ends.All.Values.Count(outcome => outcome == RequestOutcome.Failed));
        await DecoderRig.UntilAsync(() => rig.Engine.FreeKvBlocks == rig.Engine.Capacity.KvTotalBlocks);
    }

    [Fact]
    public async Task FailedStep_InMidStream_IsNoWholeAnswer()
    {
        await using DecoderRig rig = await DecoderRig.StartAsync(new DecoderShape { Positions = 64, ClaimedPositions = 200 });
        using HttpResponseMessage response = await rig.PostAsync(DecoderRig.Completion("hello", 150, stream: true));
        string seen = await ReadToItsEndAsync(response);
        Assert.Contains("\"code\":\"failed\"", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("\"finish_reason\":\"", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompt_OfOneLongWord_IsRefusedForItsLength()
    {
        await using DecoderRig rig = await DecoderRig.StartAsync();
        using HttpResponseMessage response = await rig.PostAsync(DecoderRig.Completion(new string('a', 1_000_000), 1));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("context_length_exceeded", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> ReadToItsEndAsync(HttpResponseMessage response)
    {
        using var seen = new MemoryStream();
        try
        {
            await response.Content.CopyToAsync(seen);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            // It is broken off, so that no client takes it for whole.
        }

        return System.Text.Encoding.UTF8.GetString(seen.ToArray());
    }
}
