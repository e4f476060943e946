namespace LlmScheduling.Simulation.Tests.Calibration;

public sealed class LatencyProfileTests
{
    private const string Header = "gpu,model,tp,prompt_tokens,batch,output_tokens,prefill_ms,tbt_ms,e2e_ms\n";

    [Fact]
    public void Read_ColumnsInAnyOrder_GivesStepsByConfiguration()
    {
        LatencyProfile profile = InputOf.Profile("tbt_ms,prefill_ms,output_tokens,batch,prompt_tokens,note\n20,50,129,2,100,x\n30,70,129,2,100,y\n22,60,1,2,100,z\n25,55,65,2,100,\n");
        Assert.Equal(4, profile.RowCount);
        Assert.Equal(
            [
                new LatencySample(new BatchShape(0, 200, 0, 10_000), TimeSpan.FromMilliseconds(57.5), 0),
                new LatencySample(new BatchShape(2, 0, 329, 0), TimeSpan.FromMilliseconds(25), 0),
                new LatencySample(new BatchShape(2, 0, 265, 0), TimeSpan.FromMilliseconds(25), 0),
            ],
            profile.Samples);
    }

    [Fact]
    public void Of_GpuModelAndTp_Filters()
    {
        LatencyProfile profile = InputOf.Profile(Header + "a,org/m,2,1,1,2,5,1,9\na,org/m,4,1,1,2,5,1,9\nb,org/m,2,1,1,2,5,1,9\n");
        Assert.Equal(["a/org/m/2", "a/org/m/4", "b/org/m/2"], profile.Hardware);
        Assert.Equal(["a/org/m/4"], profile.Of("a", "org/m", 4).Hardware);
        Assert.Equal(["a/org/m/2", "b/org/m/2"], profile.Of(null, null, 2).Hardware);
        Assert.Equal(0, profile.Of("c", null, null).RowCount);
        Assert.Equal(1, profile.Of("b/org/m/2").RowCount);
    }

    [Theory]
    [InlineData("a,m,2,0,1,2,5,1,9", "prompt_tokens")]
    [InlineData("a,m,2,1,-1,2,5,1,9", "batch")]
    [InlineData("a,m,2,1,1,2.5,5,1,9", "output_tokens")]
    [InlineData("a,m,2,1,1,2,0,1,9", "prefill_ms")]
    [InlineData("a,m,2,1,1,2,NaN,1,9", "prefill_ms")]
    [InlineData("a,m,2,1,1,2,1e300,1,9", "prefill_ms")]
    [InlineData("a,m,2,1,1,2,5,,9", "tbt_ms")]
    [InlineData("a,m,2,1,1,2,5,x,9", "tbt_ms")]
    public void Read_BadCell_NamesLineAndColumn(string row, string column)
    {
        InputException fault = Assert.Throws<InputException>(() => InputOf.Profile(Header + "a,m,2,1,1,2,5,1,9\n" + row + "\n"));
        Assert.Equal((3, column), (fault.Line, fault.Field));
    }

    [Theory]
    [InlineData("")]
    [InlineData("prompt_tokens,batch,output_tokens,prefill_ms,tbt_ms\n")]
    [InlineData("prompt_tokens,batch,output_tokens,prefill_ms\n1,1,1,1\n")]
    [InlineData("batch,prompt_tokens,batch,output_tokens,prefill_ms,tbt_ms\n1,1,1,1,1,1\n")]
    [InlineData("prompt_tokens,batch,output_tokens,prefill_ms,tbt_ms\n1,1,1,1\n")]
    public void Read_NotAProfile_Throws(string csv) => Assert.Throws<InputException>(() => InputOf.Profile(csv));

    [Fact]
    public void Read_OneOutputToken_NeedsNoTokenTime() =>
        Assert.Single(InputOf.Profile("prompt_tokens,batch,output_tokens,prefill_ms,tbt_ms\n8,1,1,5,\n").Samples);

    [Fact]
    public void WithoutContradictions_PrefillThatFallsAsTheBatchGrows_IsRefused()
    {
        LatencyProfile kept = InputOf.Profile(Header
            + "a,m,2,512,8,2,800,10,0\na,m,2,512,16,2,1600,10,0\na,m,2,512,32,2,3200,10,0\na,m,2,512,64,2,400,10,0\na,m,2,512,64,2,410,10,0\n"
            + "b,m,2,512,64,2,400,10,0\n").WithoutContradictions();
        Assert.Equal((4, 2), (kept.RowCount, kept.RowsRefused));
        Assert.Equal(["a/m/2", "b/m/2"], kept.Hardware);
        Assert.Equal((2, 0), (kept.Of("a/m/2").RowsRefused, kept.Of("b/m/2").RowsRefused));
    }

    [Fact]
    public void WithoutContradictions_TokensFarCheaperThanElsewhere_AreRefused()
    {
        LatencyProfile kept = InputOf.Profile(Header
            + "a,m,2,256,1,2,67,10,0\na,m,2,512,1,2,109,10,0\na,m,2,512,2,2,202,10,0\na,m,2,512,4,2,390,10,0\na,m,2,512,64,2,470,10,0\n").WithoutContradictions();
        Assert.Equal((4, 1), (kept.RowCount, kept.RowsRefused));
        Assert.DoesNotContain(kept.Samples, sample => sample.Shape.PrefillTokens == 32_768);
    }

    [Fact]
    public void WithoutContradictions_SmallPrefillsNearTheFloor_AreKept() =>
        Assert.Equal(0, InputOf.Profile(Header + "a,m,2,128,1,2,48,10,0\na,m,2,256,1,2,52,10,0\na,m,2,1024,1,2,78,10,0\na,m,2,2048,1,2,137,10,0\n").WithoutContradictions().RowsRefused);

    [Fact]
    public void WithoutContradictions_OneSlowRun_GoesAndTheOthersStay()
    {
        LatencyProfile kept = InputOf.Profile(Header + "a,m,2,512,1,2,9000,10,0\na,m,2,512,2,2,160,10,0\na,m,2,512,4,2,320,10,0\na,m,2,1024,4,2,640,10,0\n").WithoutContradictions();
        Assert.Equal((3, 1), (kept.RowCount, kept.RowsRefused));
    }

    [Fact]
    public void WithoutContradictions_NoiseOfAQuarter_IsKept() =>
        Assert.Equal(0, InputOf.Profile(Header + "a,m,2,128,1,2,60,10,0\na,m,2,256,1,2,45,10,0\n").WithoutContradictions().RowsRefused);

    [Fact]
    public void WithoutContradictions_ShorterPromptsInALargerBatch_AreNoContradiction() =>
        Assert.Equal(0, InputOf.Profile(Header + "a,m,2,8192,1,2,1500,10,0\na,m,2,512,4,2,300,10,0\n").WithoutContradictions().RowsRefused);

    [Fact]
    public void WithoutContradictions_Evidence_JudgesButIsNotJudged()
    {
        LatencyProfile evidence = InputOf.Profile(Header + "a,m,2,512,16,2,1600,10,0\na,m,2,512,32,2,3200,10,0\n");
        LatencyProfile kept = InputOf.Profile(Header + "a,m,2,512,64,2,400,10,0\na,m,2,512,8,2,800,10,0\n").WithoutContradictions(evidence);
        Assert.Equal((1, 1), (kept.RowCount, kept.RowsRefused));
    }
}
