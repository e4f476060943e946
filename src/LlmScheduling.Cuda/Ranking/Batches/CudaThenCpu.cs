using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling;

/// <summary>
/// Runs on CUDA; a batch that fails there (device lost, out of memory) runs on the CPU. The next batch tries CUDA again; after
/// two failures in a row the model on CUDA is freed, and loaded anew after a pause that doubles while that fails.
/// </summary>
/// <param name="cuda">The model on CUDA.</param>
/// <param name="openCuda">Loads it anew.</param>
/// <param name="openCpu">Loads it on the CPU, when that is needed first.</param>
/// <param name="fallBacks">Counts and logs; owned from here on.</param>
/// <param name="clock">Measures the pause.</param>
internal sealed class CudaThenCpu(IBatchScorer cuda, Func<IBatchScorer> openCuda, Func<IBatchScorer> openCpu, FallBacks fallBacks, TimeProvider clock) : IBatchScorer
{
    private readonly Lock _opening = new();
    private readonly RetryPause _pause = new(clock);
    private IBatchScorer? _cuda = cuda, _cpu;
    private bool _failedBefore, _isStopped;

    public void Score(ReadOnlySpan<PromptRow> rows, int length, Span<float> scores)
    {
        try
        {
            if (OnCuda() is { } onCuda)
            {
                onCuda.Score(rows, length, scores);
                _failedBefore = false;
                _pause.Worked();
                fallBacks.Worked();
                return;
            }
        }
        catch (OnnxRuntimeException problem) when (!Volatile.Read(ref _isStopped))
        {
            fallBacks.Failed(problem);
            if (_failedBefore)
                Free();
            _failedBefore = true;
        }

        fallBacks.FellBack();
        OnCpu().Score(rows, length, scores);
    }

    public void Stop()
    {
        lock (_opening)
        {
            _isStopped = true;
            _cuda?.Stop();
            _cpu?.Stop();
        }
    }

    public void Dispose()
    {
        try
        {
            _cuda?.Dispose();
        }
        finally
        {
            _cpu?.Dispose();
            fallBacks.Dispose();
        }
    }

    /// <summary>The model on CUDA; null while CUDA is left alone.</summary>
    private IBatchScorer? OnCuda()
    {
        if (_cuda is null && _pause.IsOver)
            Keep(ref _cuda, openCuda());
        return _cuda;
    }

    private IBatchScorer OnCpu()
    {
        if (_cpu is null)
            Keep(ref _cpu, openCpu());
        return _cpu!;
    }

    private void Keep(ref IBatchScorer? place, IBatchScorer opened)
    {
        lock (_opening)
        {
            place = opened;
            if (_isStopped)
                opened.Stop();
        }
    }

    private void Free()
    {
        _pause.Failed();
        IBatchScorer? failed;
        lock (_opening)
            (failed, _cuda) = (_cuda, null);
        try
        {
            failed?.Dispose();
        }
        catch (OnnxRuntimeException)
        {
            // What a lost device does not free is gone with it.
        }
    }
}
