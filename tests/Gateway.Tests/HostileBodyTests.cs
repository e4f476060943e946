using System.Text;
using System.Text.Json;

namespace Gateway.Tests;

public sealed class HostileBodyTests
{
    public static TheoryData<string, int, string> Bodies => new()
    {
        { "", 400, "" },
        { "{", 400, "" },
        { "[]", 400, "object" },
        { "null", 400, "object" },
        { "{}", 400, "'messages'" },
        { """{"messages":5}""", 400, "'messages'" },
        { """{"messages":["hello"]}""", 400, "'messages'" },
        { """{"messages":[{"role":"user","content":7}]}""", 400, "'content'" },
        { """{"messages":[{"role":"user","content":"hi"}],"max_tokens":-1}""", 400, "-1" },
        { """{"messages":[{"role":"user","content":"hi"}],"max_tokens":"many"}""", 400, "'max_tokens'" },
        { """{"messages":[{"role":"user","content":"hi"}],"max_tokens":99999999999}""", 400, "'max_tokens'" },
        { """{"messages":[{"role":"user","content":"hi"}],"max_completion_tokens":1.5}""", 400, "'max_completion_tokens'" },
        { """{"messages":[{"role":"user","content":"hi"}],"max_tokens":5000}""", 413, "hold" },
        { """{"messages":[{"role":"user","content":"\ud800"}]}""", 400, "" },
        { """{"messages":[{"role":"user","content":"hi"}]} and more""", 400, "" },
        { string.Concat(Enumerable.Repeat("[", 10_000)), 400, "" },
        { $$"""{"messages":[{"role":"user","content":"{{new string('x', 20_000)}}"}]}""", 413, "10000 bytes" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Body_ThatCannotBeServed_Is4xxAndSaysWhy(string body, int status, string says)
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(
            options => (options.WritePriority, options.KvTokens, options.MaxBodyBytes) = (true, 4_000, 10_000), upstream);

        using HttpResponseMessage response = await rig.PostAsync(body);

        Assert.Equal(status, (int)response.StatusCode);
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        JsonElement error = problem.RootElement.GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Contains(says, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.NotEqual("", error.GetProperty("message").GetString());
        upstream.AssertNobodyElseCame();
    }

    [Theory]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:,"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stream":"perhaps","temperature":"hot","priority":-5}""")]
    [InlineData("\uFEFF{\"prompt\":[1,2,3]}")]
    public async Task Body_ThatIsTheUpstreamsToJudge_ReachesIt(string body)
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);

        Task<HttpResponseMessage> posted = rig.PostAsync(body);
        Arrival arrival = await upstream.NextAsync();
        await arrival.AnswerAsync(400, "application/json", "{}");
        using HttpResponseMessage response = await posted;

        Assert.Equal(Encoding.UTF8.GetBytes(body), arrival.Body);
        Assert.Equal(400, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("X-Priority", "high")]
    [InlineData("X-Queue-Timeout-Ms", "-1")]
    public async Task Header_OutOfForm_Is400(string name, string value)
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);
        rig.Client.DefaultRequestHeaders.Add(name, value);

        using HttpResponseMessage response = await rig.PostAsync(GatewayRig.Chat());

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(name, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
