using System.Net;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LlmScheduling;

namespace Gateway.Tests;

public sealed class PriorityTests
{
    [Theory]
    [InlineData("{}", """{"priority":7}""")]
    [InlineData(" { } ", """ {"priority":7 } """)]
    [InlineData("""{"a":1}""", """{"priority":7,"a":1}""")]
    [InlineData("""{"a":{"priority":1},"b":["priority",1.50e3]}""", """{"priority":7,"a":{"priority":1},"b":["priority",1.50e3]}""")]
    [InlineData("""{"a":1, "priority" :  -3 ,"z":"é\u0041"}""", """{"a":1, "priority" :  7 ,"z":"é\u0041"}""")]
    [InlineData("""{"priority":{"x":[1]}}""", """{"priority":7}""")]
    [InlineData("""{"priority":null,"priority":"2"}""", """{"priority":7,"priority":7}""")]
    [InlineData("""{"pri\u006frity":3}""", """{"pri\u006frity":7}""")]
    [InlineData("\uFEFF{\"a\":1}", "\uFEFF{\"priority\":7,\"a\":1}")]
    public void Write_InTheBody_LeavesEverythingElse(string body, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(PriorityField.Write(Encoding.UTF8.GetBytes(body), 7)));

    [Fact]
    public void Write_InAnyObject_SetsThePriorityAndNoOtherField() =>
        Prop.ForAll(ArbMap.Default.ArbFor<Dictionary<NonNull<string>, string[]>>(), ArbMap.Default.ArbFor<int>(), (fields, priority) =>
        {
            Dictionary<string, string[]> named = fields.DistinctBy(field => field.Key.Get).ToDictionary(field => field.Key.Get, field => field.Value);
            byte[] body = JsonSerializer.SerializeToUtf8Bytes(named);
            using JsonDocument before = JsonDocument.Parse(body), after = JsonDocument.Parse(PriorityField.Write(body, priority));
            Assert.Equal(priority, after.RootElement.GetProperty("priority").GetInt32());
            Assert.Equal(
                before.RootElement.EnumerateObject().Where(field => field.Name != "priority").Select(field => field.ToString()),
                after.RootElement.EnumerateObject().Where(field => field.Name != "priority").Select(field => field.ToString()));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Body_UnlessToldToWrite_PassesByteForByte()
    {
        const string Body = """ {"messages":[{"role":"user","content":"é"}],"priority": 3, "unknown" : {"deep":[1,2.0]} } """;
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(upstream);

        Task<HttpResponseMessage> posted = rig.PostAsync(Body);
        Arrival arrival = await upstream.NextAsync();
        await arrival.StreamAsync("ok");
        using HttpResponseMessage response = await posted;

        Assert.Equal(Body, arrival.Text);
    }

    [Fact]
    public async Task Body_WithARanker_HasALowerNumberForAShorterAnswer()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        string file = Path.GetTempFileName();
        try
        {
            await using (FileStream stream = File.Create(file))
                PromptFeatureRanker.ByPromptLength.Write(stream);
            await using GatewayRig rig = await GatewayRig.StartAsync(options => (options.Ranker, options.WritePriority) = (file, true), upstream);

            int shorter = await PriorityAsync(rig, upstream, "short", null), longer = await PriorityAsync(rig, upstream, new string('x', 4_000), null);
            int later = await PriorityAsync(rig, upstream, "short", 2);

            Assert.True(shorter < longer, $"{shorter} and {longer}");
            Assert.Equal(shorter + 2 * VllmPriority.StepsPerTier, later);
            Assert.Equal(VllmPriority.OfScore(PromptFeatureRanker.ByPromptLength.Score("short")), shorter);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public async Task Priority_OfAnyClient_IsWrittenWithinBounds(int asked)
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => options.WritePriority = true, upstream);

        int written = await PriorityAsync(rig, upstream, "hello", asked);

        // Nobody may ask for more than 0.
        Assert.Equal(asked < 0 ? VllmPriority.Unranked : VllmPriority.OfLength(default, 1_000_000), written);
    }

    [Fact]
    public async Task Priority_WithAging_RisesWithTheArrival()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        await using GatewayRig rig = await GatewayRig.StartAsync(options => (options.WritePriority, options.PriorityAging) = (true, TimeSpan.FromSeconds(2)), upstream);

        int before = await PriorityAsync(rig, upstream, "hello", null);
        rig.Clock.Advance(TimeSpan.FromSeconds(4));
        await rig.UntilUpAsync(1);
        int after = await PriorityAsync(rig, upstream, "hello", null);

        Assert.Equal(2, after - before);
    }

    private static async Task<int> PriorityAsync(GatewayRig rig, FakeUpstream upstream, string prompt, int? asked)
    {
        Task<HttpResponseMessage> posted = rig.PostAsync(GatewayRig.Chat(prompt), asked);
        Arrival arrival = await upstream.NextAsync();
        await arrival.StreamAsync("ok");
        using HttpResponseMessage response = await posted;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await rig.UntilFreeAsync(1);
        using JsonDocument body = JsonDocument.Parse(arrival.Body);
        return body.RootElement.GetProperty("priority").GetInt32();
    }
}
