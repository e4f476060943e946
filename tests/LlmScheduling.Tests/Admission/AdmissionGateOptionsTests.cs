namespace LlmScheduling.Tests.Admission;

public class AdmissionGateOptionsTests
{
    public static TheoryData<string, string> Bad => new()
    {
        { "AdmissionGateOptions.MaxSequences is 0; it must be 1 or more.", "MaxSequences" },
        { "AdmissionGateOptions.MaxTokens is 0; it must be 1 or more.", "MaxTokens" },
        { "AdmissionGateOptions.Instances is 4097; it must be 1 to 4096.", "Instances" },
        { "AdmissionGateOptions.MaxQueuedRequests is -1; it must be 0 or more.", "MaxQueuedRequests" },
        { "AdmissionGateOptions.MaxQueuedTokens is 0; it must be 1 or more.", "MaxQueuedTokens" },
        { "AdmissionGateOptions.QueueFull is 9; it must be Reject or Displace.", "QueueFull" },
        { "AdmissionGateOptions.MaxTrackedTenants is 0; it must be 1 or more.", "MaxTrackedTenants" },
        { "AdmissionGateOptions.TenantWeights[\"acme\"] is NaN; it must be a finite number above 0.", "TenantWeights" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Constructor_OptionOutOfRange_SaysWhichAndWhatIsAllowed(string message, string property)
    {
        var options = new AdmissionGateOptions();
        switch (property)
        {
            case "MaxSequences": options.MaxSequences = 0; break;
            case "MaxTokens": options.MaxTokens = 0; break;
            case "Instances": options.Instances = 4_097; break;
            case "MaxQueuedRequests": options.MaxQueuedRequests = -1; break;
            case "MaxQueuedTokens": options.MaxQueuedTokens = 0; break;
            case "QueueFull": options.QueueFull = (QueueFullAction)9; break;
            case "MaxTrackedTenants": options.MaxTrackedTenants = 0; break;
            default: options.TenantWeights["acme"] = double.NaN; break;
        }

        Assert.Equal([message], options.Problems());
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new AdmissionGate(new FirstComeFirstServed(), options)).Message);
    }

    [Fact]
    public void Constructor_OptionsChangedLater_KeepsItsCopy()
    {
        var options = new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 0 };
        using var rig = new GateRig(options);
        options.MaxSequences = 2;

        rig.Seat();
        Assert.False(rig.Gate.TryAcquire(GateRig.Request()).IsAcquired);
    }

    [Fact]
    public void Constructor_MostSeatsThereCanBe_Serves()
    {
        using var rig = new GateRig(new AdmissionGateOptions { MaxSequences = int.MaxValue, Instances = 4_096 });
        rig.Seat();
        rig.Seat();
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, -1, 0)]
    [InlineData(1, 1, -1)]
    public async Task AcquireAsync_CountOutOfRange_Throws(int prompt, int output, int cached)
    {
        using var rig = new GateRig();
        var request = new InferenceRequest { PromptTokens = prompt, MaxOutputTokens = output, CachedPrefixTokens = cached };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rig.Gate.AcquireAsync(request).AsTask());
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Gate.TryAcquire(request));
        rig.Seat();
    }
}
