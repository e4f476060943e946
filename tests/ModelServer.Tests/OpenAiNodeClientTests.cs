using LlmScheduling;
using WebClients;

namespace ModelServerTests;

/// <summary>The official npm client, as it comes.</summary>
public sealed class OpenAiNodeClientTests
{
    [Fact]
    public async Task NpmClient_StreamsAbortsAndUnderstandsErrors()
    {
        await NodeFolder.RequireAsync();
        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        await OpenAiNodeClient.AssertAsync(rig.Url, OpenAiNodeClient.Ordinary);
        await ServerRig.UntilAsync(() => rig.Engine.Held.Count == 0);
        Assert.Single(rig.Ends.All.Values, end => end.Outcome == RequestOutcome.Cancelled);
    }

    [Fact]
    public async Task NpmClient_OfAFullQueue_IsToldWhenToComeAgain()
    {
        await NodeFolder.RequireAsync();
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { MaxQueued = 1 }, capacity => capacity.MaxSequences = 1);
        Task<HttpResponseMessage> running = rig.PostAsync(ServerRig.Chat("count to 3"));
        await ServerRig.UntilAsync(() => rig.Engine.Seen.Count == 1);
        Task<HttpResponseMessage> queued = rig.PostAsync(ServerRig.Chat("count to 3"));
        await ServerRig.UntilAsync(() => rig.Scheduler.EstimateWait().RequestsAhead == 1);
        await OpenAiNodeClient.AssertAsync(rig.Url, "queue full");
        rig.Engine.RunFreely();
        Assert.True((await running).IsSuccessStatusCode && (await queued).IsSuccessStatusCode);
    }

    [Fact]
    public async Task NpmClient_OfAnEngineThatFailsInMidStream_TakesNothingForAWholeAnswer()
    {
        await NodeFolder.RequireAsync();
        await using ServerRig rig = await ServerRig.StartAsync();
        rig.Engine.Allow();
        Task checking = OpenAiNodeClient.AssertAsync(rig.Url, "cut in mid-stream");
        await ServerRig.UntilAsync(() => rig.Engine.Steps == 1 || checking.IsCompleted);
        rig.Engine.Fault = new InvalidOperationException("broken");
        rig.Engine.Allow();
        await checking;
    }
}
