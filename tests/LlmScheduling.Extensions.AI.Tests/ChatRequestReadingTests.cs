using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI.Tests;

public sealed class ChatRequestReadingTests
{
    [Fact]
    public async Task Request_OfAPlainChat_IsItsTextAndTheDefaults()
    {
        using var rig = new ChatRig();

        await rig.Client.GetResponseAsync([new(ChatRole.System, "be kind"), new(ChatRole.User, "hello")]);

        InferenceRequest request = Assert.Single(rig.Ended).Request;
        Assert.Equal(("be kind\nhello", 4, 1_024), (request.Prompt.ToString(), request.PromptTokens, request.MaxOutputTokens));
        Assert.Equal(("", "", 0, null, null), (request.Tenant, request.TrafficClass, request.Priority, request.Objective, request.QueueTimeout));
    }

    [Fact]
    public async Task Request_OfOptions_CarriesWhatTheySay_AndPassesNoneOfItOn()
    {
        using var rig = new ChatRig();
        var objective = new ServiceLevelObjective { EndToEnd = TimeSpan.FromSeconds(9) };
        ChatOptions options = new ChatOptions { MaxOutputTokens = 7, AdditionalProperties = new() { ["own"] = 1, [SchedulingProperties.TrafficClass] = "code", [SchedulingProperties.QueueTimeout] = TimeSpan.FromSeconds(3) } }
            .WithTenant("acme").WithPriority(-4).WithObjective(objective);

        await rig.Client.GetResponseAsync("hello", options);

        InferenceRequest request = Assert.Single(rig.Ended).Request;
        Assert.Equal((7, "acme", "code", -4, objective, TimeSpan.FromSeconds(3)), (request.MaxOutputTokens, request.Tenant, request.TrafficClass, request.Priority, request.Objective, request.QueueTimeout));
        Assert.Equal(["own"], rig.Inner.Options!.AdditionalProperties!.Keys);
        Assert.Equal(6, options.AdditionalProperties!.Count);
    }

    [Fact]
    public async Task Options_WithoutOurKeys_ArePassedOnAsTheyAre()
    {
        using var rig = new ChatRig();
        var options = new ChatOptions { AdditionalProperties = new() { ["own"] = 1 } };

        await rig.Client.GetResponseAsync("hello", options);

        Assert.Same(options, rig.Inner.Options);
    }

    [Theory]
    [InlineData(SchedulingProperties.Priority, "high", "Int32")]
    [InlineData(SchedulingProperties.Tenant, 5, "String")]
    [InlineData(SchedulingProperties.QueueTimeout, 5, "TimeSpan")]
    public async Task Property_OfAnotherType_IsNamed(string key, object value, string expected)
    {
        using var rig = new ChatRig();

        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(() => rig.Client.GetResponseAsync("hello", new ChatOptions { AdditionalProperties = new() { [key] = value } }));

        Assert.Contains(key, fault.Message, StringComparison.Ordinal);
        Assert.Contains($"it must be a {expected}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_BoundWhatPropertiesAskFor()
    {
        using var rig = new ChatRig(options => options.Limits = new ClientLimits());

        await rig.Client.GetResponseAsync("hello", new ChatOptions().WithPriority(-4).WithObjective(new() { EndToEnd = TimeSpan.Zero }));

        Assert.Equal((0, null), (rig.Ended[0].Request.Priority, rig.Ended[0].Request.Objective));
    }

    [Fact]
    public async Task Delegates_OfTheOptions_AreUsed()
    {
        using var rig = new ChatRig(options => (options.PromptOf, options.CountTokens, options.DefaultMaxOutputTokens) = (_ => "prompt", text => text.Length, 5));

        await rig.Client.GetResponseAsync("hello");

        InferenceRequest request = Assert.Single(rig.Ended).Request;
        Assert.Equal(("prompt", 6, 5), (request.Prompt.ToString(), request.PromptTokens, request.MaxOutputTokens));
    }

    [Fact]
    public async Task Messages_ThatCanBeReadOnce_ReachTheInnerClient()
    {
        using var rig = new ChatRig();
        int reads = 0;
        IEnumerable<ChatMessage> Once()
        {
            Assert.Equal(1, ++reads);
            yield return new(ChatRole.User, "hello");
        }

        await rig.Client.GetResponseAsync(Once());

        Assert.Equal("hello", Assert.Single(rig.Inner.Messages!).Text);
    }

    [Fact]
    public void Options_OutOfRange_AreNamed()
    {
        using var rig = new ChatRig();

        Assert.Contains("DefaultMaxOutputTokens is -1", Assert.Throws<ArgumentException>(() => rig.Inner.UseScheduling(rig.Gate, options => options.DefaultMaxOutputTokens = -1)).Message, StringComparison.Ordinal);
        Assert.Contains("CountTokens is null", Assert.Throws<ArgumentException>(() => rig.Inner.UseScheduling(rig.Gate, options => options.CountTokens = null!)).Message, StringComparison.Ordinal);
    }
}
