using System.Text;

namespace LlmScheduling.Tests;

public sealed class LatencyModelFileTests
{
    public static TheoryData<string> BadFields => new()
    {
        { "form" }, { "coefficients" }, { "coefficients.step_s" }, { "coefficients.context_token_s" }, { "observed" }, { "observed.prefill_tokens" }, { "observed.mixed" }, { "fit.r2" },
    };

    [Theory]
    [InlineData(LatencyForm.Linear)]
    [InlineData(LatencyForm.Hinge)]
    [InlineData(LatencyForm.Experts)]
    public void Read_WhatWasWritten_PredictsTheSame(LatencyForm form)
    {
        List<LatencySample> samples = [.. Enumerable.Range(1, 30).Select(i => new LatencySample(
            i % 2 == 0 ? new BatchShape(i, 0, 100 * i, 0) : new BatchShape(0, 70 * i, 0, 35.5 * i * i), TimeSpan.FromMilliseconds(20 + i * Math.Sqrt(i)), i))];
        IFittedLatencyModel model = LatencyModelFit.Fit(samples, form);
        LatencyModelFile read = Read(Write(new LatencyModelFile(model) { Fit = new Dictionary<string, double> { ["r2"] = 0.75, ["p90_ape"] = double.NaN } }));
        Assert.Equal(form, read.Model.Form);
        Assert.Equal(model.Observed, read.Model.Observed);
        Assert.Equal(0.75, read.Fit["r2"]);
        Assert.True(double.IsNaN(read.Fit["p90_ape"]));
        Assert.Empty(read.Evaluation);
        foreach (LatencySample sample in samples)
            Assert.Equal(model.PredictStep(sample.Shape), read.Model.PredictStep(sample.Shape));
    }

    [Fact]
    public void Read_WithoutObserved_TrustsEverywhere() =>
        Assert.Equal(ObservedShapes.All, Read("""{"form": "linear", "coefficients": {"step_s": 1, "prefill_token_s": 0, "decode_sequence_s": 0, "context_token_s": 0}}""").Model.Observed);

    [Theory]
    [MemberData(nameof(BadFields))]
    public void Read_BadField_NamesFileAndField(string field)
    {
        string good = Write(new LatencyModelFile(new LinearLatencyModel(0.01, 1e-4, 1e-4, 1e-8) { Observed = ObservedShapes.None.With(new BatchShape(1, 2, 3, 4)) })
        {
            Fit = new Dictionary<string, double> { ["r2"] = 1 },
        });
        string name = field.Split('.')[^1];
        int at = good.IndexOf($"\"{name}\":", StringComparison.Ordinal);
        string bad = good[..at] + $"\"{name}\": \"oops\", \"was_{name}\":" + good[(at + name.Length + 3)..];
        InputException fault = Assert.Throws<InputException>(() => Read(bad));
        Assert.Equal(("model.json", field), (fault.Origin, fault.Field));
    }

    [Theory]
    [InlineData("-1e-9")]
    [InlineData("1e999")]
    [InlineData("null")]
    public void Read_CoefficientOutOfRange_IsRefused(string value) =>
        Assert.Equal("coefficients.step_s", Assert.Throws<InputException>(
            () => Read($$"""{"form": "linear", "coefficients": {"step_s": {{value}}, "prefill_token_s": 0, "decode_sequence_s": 0, "context_token_s": 0} }""")).Field);

    [Fact]
    public void Read_NotJson_NamesTheLine() => Assert.Equal(2, Assert.Throws<InputException>(() => Read("{\n oops")).Line);

    [Fact]
    public void Read_NoObject_IsRefused() => Assert.Throws<InputException>(() => Read("[1]"));

    [Fact]
    public void Read_MissingFile_NamesIt() =>
        Assert.Equal("no-such-model.json", Assert.Throws<InputException>(() => LatencyModelFile.Read("no-such-model.json")).Origin);

    private static string Write(LatencyModelFile file)
    {
        using var stream = new MemoryStream();
        file.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static LatencyModelFile Read(string json) => LatencyModelFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "model.json");
}
