using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling.Cuda.Tests;

/// <summary>A session on the CPU that tells whether it was disposed.</summary>
internal sealed class WatchedSession(string model) : InferenceSession(model)
{
    public bool IsDisposed { get; private set; }

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }
}
