using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling;

/// <summary>Runs on CUDA; a batch that fails there (device lost, out of memory) runs on the CPU, and the next tries CUDA again.</summary>
internal sealed partial class CudaThenCpu(IBatchScorer cuda, Func<IBatchScorer> openCpu, ILogger logger) : IBatchScorer
{
    private readonly Lock _opening = new();
    private IBatchScorer? _cpu;
    private bool _isFailing, _isStopped;

    /// <summary>Batches that ran on the CPU.</summary>
    public long FallBacks { get; private set; }

    public void Score(ReadOnlySpan<PromptRow> rows, int length, Span<float> scores)
    {
        try
        {
            cuda.Score(rows, length, scores);
            _isFailing = false;
            return;
        }
        catch (OnnxRuntimeException problem) when (!Volatile.Read(ref _isStopped))
        {
            FallBacks++;
            if (!_isFailing)
                CudaFailed(logger, problem);
            _isFailing = true;
        }

        Cpu().Score(rows, length, scores);
    }

    public void Stop()
    {
        lock (_opening)
        {
            _isStopped = true;
            cuda.Stop();
            _cpu?.Stop();
        }
    }

    public void Dispose()
    {
        cuda.Dispose();
        _cpu?.Dispose();
    }

    private IBatchScorer Cpu()
    {
        if (_cpu is not null)
            return _cpu;
        IBatchScorer opened = openCpu();
        lock (_opening)
        {
            _cpu = opened;
            if (_isStopped)
                opened.Stop();
        }

        return opened;
    }

    [LoggerMessage(22, LogLevel.Error, "CUDA failed to run the ranking model; batches run on the CPU until it recovers.")]
    private static partial void CudaFailed(ILogger logger, Exception problem);
}
