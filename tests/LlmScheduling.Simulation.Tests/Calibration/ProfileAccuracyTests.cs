namespace LlmScheduling.Simulation.Tests.Calibration;

public sealed class ProfileAccuracyTests
{
    private const string Header = "gpu,model,tp,prompt_tokens,batch,output_tokens,prefill_ms,tbt_ms\n";

    [Fact]
    public void Of_KnownErrors_AreTheirMeans()
    {
        // Prefill is predicted as 10 + 0.1 x tokens, a token as 10 ms.
        var model = new LinearLatencyModel(0.01, 1e-4, 0, 0);
        LatencyProfile profile = InputOf.Profile(Header + "a,m,1,900,1,11,100,10\na,m,1,900,1,11,125,8\na,m,1,900,1,1,50,\n");
        ProfileAccuracy accuracy = ProfileAccuracy.Of(profile, new Dictionary<string, ILatencyModel> { ["a/m/1"] = model });
        Assert.Equal((0 + 0.2 + 1) / 3, accuracy.PrefillMape, 9);
        Assert.Equal((0 + 0.25) / 2, accuracy.TokenTimeMape, 9);
        Assert.Equal((0 + (1 - 200.0 / 205) + 1) / 3, accuracy.EndToEndMape, 9);
        Assert.Equal((3, 0), (accuracy.Rows, accuracy.RowsRefused));
    }

    [Fact]
    public void Of_EngineWithoutAModel_IsRefused()
    {
        LatencyProfile profile = InputOf.Profile(Header + "a,m,1,900,1,11,100,10\nb,m,1,900,1,11,100,10\n");
        ProfileAccuracy accuracy = ProfileAccuracy.Of(profile, new Dictionary<string, ILatencyModel> { ["b/m/1"] = new LinearLatencyModel(0.01, 1e-4, 0, 0) });
        Assert.Equal((1, 1), (accuracy.Rows, accuracy.RowsRefused));
    }

    [Fact]
    public void Of_ExactModel_HasR2OfOne()
    {
        LatencyProfile profile = InputOf.Profile(Header + "a,m,1,900,1,11,100,10\na,m,1,400,1,11,50,10\n");
        ProfileAccuracy accuracy = ProfileAccuracy.Of(profile, new Dictionary<string, ILatencyModel> { ["a/m/1"] = new LinearLatencyModel(0.01, 1e-4, 0, 0) });
        Assert.Equal(1, accuracy.R2, 9);
        Assert.Equal(1, accuracy.ToFigures()["r2"], 9);
    }

    [Theory]
    [InlineData(101)]
    [InlineData(102)]
    [InlineData(103)]
    [InlineData(104)]
    [InlineData(105)]
    public void FitBest_SplitwiseConfigurationsHeldOut_StaysWithinTheBars(int seed)
    {
        string[] lines = File.ReadAllLines(SharedFolder.Require("data", "profiles", "splitwise_prefill_decode.csv"));
        ILookup<bool, string> split = lines.Skip(1).ToLookup(line => Fold(string.Join(',', line.Split(',')[..5]), seed) == 0);
        LatencyProfile fitted = InputOf.Profile(string.Join('\n', split[false].Prepend(lines[0]))).WithoutContradictions();
        LatencyProfile held = InputOf.Profile(string.Join('\n', split[true].Prepend(lines[0]))).WithoutContradictions(fitted);
        ProfileAccuracy accuracy = ProfileAccuracy.Of(held, fitted.Hardware.ToDictionary(engine => engine, engine => (ILatencyModel)LatencyModelFit.FitBest(fitted.Of(engine).Samples)));
        Assert.InRange(accuracy.TokenTimeMape, 0, 0.04);
        Assert.InRange(accuracy.PrefillMape, 0, 0.12);
        Assert.InRange(accuracy.PrefillP90, 0, 0.25);
        Assert.InRange(accuracy.EndToEndMape, 0, 0.04);
        Assert.InRange(accuracy.RowsRefused, 0, 15);
    }

    /// <summary>One configuration, whatever its output, is in one fold (FNV-1a, mixed with the seed).</summary>
    private static uint Fold(string configuration, int seed)
    {
        uint hash = 2166136261u ^ ((uint)seed * 0x9E3779B9u);
        foreach (char letter in configuration)
            hash = (hash ^ letter) * 16777619u;
        hash = (hash ^ (hash >> 15)) * 0x85EBCA6Bu;
        return (hash ^ (hash >> 13)) % 5;
    }
}
