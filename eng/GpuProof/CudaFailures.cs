using Microsoft.Extensions.Logging;

namespace LlmScheduling.GpuProof;

/// <summary>Hears when CUDA begins to fail: a ranker that was opened on CUDA and answers from the CPU has proven nothing about CUDA.</summary>
internal sealed class CudaFailures : ILoggerFactory, ILogger
{
    /// <summary>What CUDA failed with first; null where it never did.</summary>
    public string? First { get; private set; }

    /// <summary>Whether all that the ranker did so far ran on CUDA.</summary>
    public bool AllRanOnCuda(OnnxRequestRanker ranker) => ranker.RunsOnCuda && First is null;

    /// <summary>Behind a claim.</summary>
    public override string ToString() => First is null ? "" : $"; CUDA failed: {First.ReplaceLineEndings(" ")}";

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error)
            First ??= exception?.Message ?? formatter(state, exception);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
