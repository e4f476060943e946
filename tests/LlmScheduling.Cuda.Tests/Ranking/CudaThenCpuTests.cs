using LlmScheduling.Tests;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling.Cuda.Tests;

/// <summary>What happens when a device fails, with a scorer that plays the device.</summary>
public sealed class CudaThenCpuTests : IDisposable
{
    private readonly StubScorer _cuda = new(), _cpu = new();
    private readonly LogLines _log = new();
    private readonly OneMeterFactory _meters = new();
    private readonly Measurements _measurements;
    private readonly FallBacks _fallBacks;
    private readonly ManualTimeProvider _clock = new();
    private readonly List<StubScorer> _reopened = [];
    private Action? _beforeReopening;
    private int _opened;

    public CudaThenCpuTests()
    {
        _measurements = _meters.Listen();
        _fallBacks = new FallBacks("ranking", _log, _meters);
    }

    public void Dispose()
    {
        _measurements.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void Score_WhileCudaWorks_NeverOpensTheCpu()
    {
        using CudaThenCpu scorer = Scorer();
        Assert.Equal('a', Score(scorer));
        Assert.Equal((0, 0L, 0), (_opened, _fallBacks.Count, _log.Lines.Count));
    }

    [Fact]
    public void Score_WhereOneBatchFails_RunsItOnTheCpuAndTriesCudaWithTheNext()
    {
        using CudaThenCpu scorer = Scorer();
        _cuda.BeforeRun = Fail;
        Assert.Equal('a', Score(scorer));
        Assert.Equal((1, 1L, 1), (_opened, _fallBacks.Count, _cpu.Runs.Count));
        Assert.Equal((LogLevel.Error, "CUDA failed at ranking, which runs on the CPU until CUDA recovers."), Assert.Single(_log.Lines));

        _cuda.BeforeRun = null;
        Assert.Equal('a', Score(scorer));
        Assert.Equal((1L, 1, 1), (_fallBacks.Count, _cpu.Runs.Count, _cuda.Runs.Count));
        Assert.Equal((LogLevel.Information, "CUDA has recovered: ranking runs on it again, after 1 runs on the CPU."), _log.Lines[1]);
        Assert.Equal((0, false), (_reopened.Count, _cuda.IsDisposed));
    }

    [Fact]
    public void Score_WhileCudaFails_LogsOnceAndCountsEveryBatch()
    {
        using CudaThenCpu scorer = Scorer();
        _cuda.BeforeRun = Fail;
        for (int i = 0; i < 5; i++)
            Assert.Equal('a', Score(scorer));
        Assert.Equal((1, 5L, 1), (_opened, _fallBacks.Count, _log.Lines.Count));
        List<(double Value, Dictionary<string, object?> Tags)> counted = _measurements.Of("llm_scheduling.cuda.fallbacks");
        Assert.Equal(5, counted.Sum(one => one.Value));
        Assert.All(counted, one => Assert.Equal("ranking", one.Tags["llm_scheduling.cuda.work"]));
    }

    [Fact]
    public void Score_OfADeviceThatIsLost_LoadsTheModelAnewAfterAPauseThatDoubles()
    {
        using CudaThenCpu scorer = Scorer();
        _cuda.BeforeRun = Fail;
        Score(scorer);
        Score(scorer);
        Assert.True(_cuda.IsDisposed);

        int attempts = 0;
        _beforeReopening = () =>
        {
            attempts++;
            Fail();
        };
        Score(scorer);
        Assert.Equal(0, attempts);
        for (int failures = 1; failures <= 8; failures++)
        {
            TimeSpan pause = TimeSpan.FromSeconds(Math.Min(60, 1 << (failures - 1)));
            _clock.Advance(pause - TimeSpan.FromTicks(1));
            Score(scorer);
            Assert.Equal(failures - 1, attempts);
            _clock.Advance(TimeSpan.FromTicks(1));
            Score(scorer);
            Assert.Equal(failures, attempts);
        }

        _beforeReopening = null;
        _clock.Advance(RetryPause.Longest);
        int onCpu = _cpu.Runs.Count;
        Assert.Equal('a', Score(scorer));
        Assert.Equal((onCpu, 1), (_cpu.Runs.Count, Assert.Single(_reopened).Runs.Count));
        Assert.Equal([LogLevel.Error, LogLevel.Information], _log.Lines.Select(line => line.Level));
    }

    [Fact]
    public void Score_OfADeviceWhoseMemoryCannotBeFreed_RunsOnTheCpu()
    {
        using CudaThenCpu scorer = Scorer();
        _cuda.BeforeRun = Fail;
        _cuda.AtDisposal = Fail;
        Assert.Equal('a', Score(scorer));
        Assert.Equal('a', Score(scorer));
        Assert.Equal(2, _cpu.Runs.Count);
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
    public void Dispose_DisposesBoth_EvenIfCudaFails()
    {
        CudaThenCpu scorer = Scorer();
        _cuda.BeforeRun = Fail;
        Score(scorer);
        _cuda.AtDisposal = Fail;
        Assert.Throws<OnnxRuntimeException>(scorer.Dispose);
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

    private CudaThenCpu Scorer() => new(
        _cuda,
        () =>
        {
            _beforeReopening?.Invoke();
            _reopened.Add(new StubScorer());
            return _reopened[^1];
        },
        () =>
        {
            _opened++;
            return _cpu;
        },
        _fallBacks,
        _clock);
}
