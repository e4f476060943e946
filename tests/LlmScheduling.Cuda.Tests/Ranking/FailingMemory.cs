using System.Buffers;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Memory of some length that nobody can look into.</summary>
internal sealed class FailingMemory(int length) : MemoryManager<float>
{
    public override Memory<float> Memory => CreateMemory(length);

    public override Span<float> GetSpan() => throw new InvalidOperationException("memory");

    public override MemoryHandle Pin(int elementIndex = 0) => throw new InvalidOperationException("memory");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
