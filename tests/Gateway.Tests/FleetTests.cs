using System.Text.Json;

namespace Gateway.Tests;

public sealed class FleetTests
{
    [Fact]
    public async Task Models_AreThoseThatEveryUpstreamHas()
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync(), silent = await FakeUpstream.StartAsync();
        left.Models = """{"object":"list","data":[{"id":"a","owned_by":"us"},{"id":"b"},{"id":"c"}]}""";
        right.Models = """{"object":"list","data":[{"id":"c"},{"id":"a"},7,{"name":"d"}]}""";
        silent.Models = "no JSON";
        await using GatewayRig rig = await GatewayRig.StartAsync(left, right, silent);

        using JsonDocument list = JsonDocument.Parse(await rig.Client.GetStringAsync("/v1/models"));

        Assert.Equal("list", list.RootElement.GetProperty("object").GetString());
        Assert.Equal(["""{"id":"a","owned_by":"us"}""", """{"id":"c"}"""], list.RootElement.GetProperty("data").EnumerateArray().Select(model => model.GetRawText()));
    }

    [Fact]
    public async Task Health_TellsHowManyAreUp()
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(left, right);
        Assert.Equal("Healthy", await rig.Client.GetStringAsync("/healthz"));

        left.IsWell = false;
        rig.Clock.Advance(TimeSpan.FromSeconds(5));
        await rig.UntilUpAsync(1);

        Assert.Equal("Degraded", await rig.Client.GetStringAsync("/healthz"));
    }

    [Theory]
    [InlineData("fastest", "largest-remaining-memory", "Gateway:Policy")]
    [InlineData("fcfs", "anywhere", "Gateway:Assignment")]
    public async Task Name_ThatIsUnknown_IsRefusedAtStart(string policy, string assignment, string says)
    {
        Exception fault = await Assert.ThrowsAsync<ArgumentException>(() => GatewayRig.StartAsync(options => (options.Policy, options.Assignment) = (policy, assignment), [new Uri("http://127.0.0.1:1")]));

        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("largest-remaining-memory")]
    [InlineData("round-robin")]
    [InlineData("least-work")]
    [InlineData("earliest-predicted-finish")]
    public async Task Assignment_OfEveryName_UsesAllUpstreams(string assignment)
    {
        await using FakeUpstream left = await FakeUpstream.StartAsync(), right = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.Assignment = assignment, left, right);

        Task<HttpResponseMessage>[] posted = [rig.PostAsync(GatewayRig.Chat()), rig.PostAsync(GatewayRig.Chat())];
        await (await left.NextAsync()).StreamAsync("ok");
        await (await right.NextAsync()).StreamAsync("ok");

        Assert.All(await Task.WhenAll(posted), response => Assert.True(response.IsSuccessStatusCode));
        Assert.Equal(0, rig.Gate.AssignmentFaults);
    }

    [Fact]
    public async Task Demo_EndsByItself() => Assert.Equal(0, await GatewayDemo.RunAsync());
}
