using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling.Cuda.Tests;

/// <summary>What happens when a device fails, with a scorer that plays the device.</summary>
public sealed class CudaThenCpuTests
{
    private readonly StubScorer _cuda = new(), _cpu = new();
    private readonly LogLines _log = new();
    private int _opened;

    [Fact]
    public void Score_WhileCudaWorks_NeverOpensTheCpu()
    {
        using CudaThenCpu scorer = Scorer();
        Assert.Equal('a', Score(scorer));
        Assert.Equal((0, 0L, 0), (_opened, scorer.FallBacks, _log.Lines.Count));
    }

    [Fact]
    public void Score_WhileCudaFails_RunsOnTheCpuCountsAndLogsOnce_AndRecovers()
    {
        using CudaThenCpu scorer = Scorer();
        _cuda.BeforeRun = Fail;
        Assert.Equal('a', Score(scorer));
        Assert.Equal('a', Score(scorer));
        Assert.Equal((1, 2L, 2), (_opened, scorer.FallBacks, _cpu.Runs.Count));
        Assert.Equal(LogLevel.Error, Assert.Single(_log.Lines).Level);

        _cuda.BeforeRun = null;
        Assert.Equal('a', Score(scorer));
        Assert.Equal((2L, 2, 1), (scorer.FallBacks, _cpu.Runs.Count, _cuda.Runs.Count));
        _cuda.BeforeRun = Fail;
        Score(scorer);
        Assert.Equal((1, 2), (_opened, _log.Lines.Count));
    }

    [Fact]
    public void Score_AfterStop_DoesNotFallBack()
    {
        using CudaThenCpu scorer = Scorer();
        _cuda.BeforeRun = Fail;
        scorer.Stop();
        Assert.Throws<OnnxRuntimeException>(() => Score(scorer));
        Assert.Equal((0, 0), (_opened, _log.Lines.Count));
    }

    [Fact]
    public void Dispose_DisposesBoth()
    {
        CudaThenCpu scorer = Scorer();
        _cuda.BeforeRun = Fail;
        Score(scorer);
        scorer.Dispose();
        Assert.True(_cuda.IsDisposed && _cpu.IsDisposed);
    }

    private static void Fail() => new InferenceSession([1, 2, 3]).Dispose();

    private static float Score(CudaThenCpu scorer)
    {
        var row = new PromptRow(16, hasFeatures: false) { Length = 1 };
        row.Ids[0] = 'a';
        float[] scores = new float[1];
        scorer.Score([row], 16, scores);
        return scores[0];
    }

    private CudaThenCpu Scorer() => new(_cuda, () =>
    {
        _opened++;
        return _cpu;
    }, _log);
}
