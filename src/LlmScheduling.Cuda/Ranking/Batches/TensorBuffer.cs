using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LlmScheduling;

/// <summary>
/// Memory of one tensor, outside the garbage-collected heap and bound to a session as it is: page-locked when the session runs
/// on CUDA, so that the device copies from it directly.
/// </summary>
internal sealed unsafe class TensorBuffer : IDisposable
{
    private readonly OrtMemoryAllocation _memory;
    private readonly OrtMemoryInfo _place;
    private readonly TensorElementType _type;
    private readonly int _bytes;

    public TensorBuffer(OrtAllocator allocator, OrtMemoryInfo place, TensorElementType type, int elements)
    {
        (_place, _type) = (place, type);
        _bytes = elements * Size(type);
        _memory = allocator.Allocate((uint)_bytes);
    }

    private byte* Start => (byte*)_memory.DangerousGetHandle();

    /// <summary>The first elements as a tensor of that shape; dispose it after the run.</summary>
    public OrtValue Tensor(long[] shape)
    {
        long elements = 1;
        foreach (long size in shape)
            elements *= size;
        return OrtValue.CreateTensorValueWithData(_place, _type, shape, (nint)Start, elements * Size(_type));
    }

    /// <summary>Writes integers from <paramref name="at"/> on, and <paramref name="padding"/> up to <paramref name="length"/> elements.</summary>
    public void Write(int at, ReadOnlySpan<int> values, int padding, int length)
    {
        if (_type == TensorElementType.Int32)
        {
            Span<int> target = MemoryMarshal.Cast<byte, int>(Bytes).Slice(at, length);
            values.CopyTo(target);
            target[values.Length..].Fill(padding);
            return;
        }

        Span<long> wide = MemoryMarshal.Cast<byte, long>(Bytes).Slice(at, length);
        for (int i = 0; i < values.Length; i++)
            wide[i] = values[i];
        wide[values.Length..].Fill(padding);
    }

    /// <summary>Writes numbers from <paramref name="at"/> on, and zeros up to <paramref name="length"/> elements.</summary>
    public void Write(int at, ReadOnlySpan<float> values, int length)
    {
        if (_type == TensorElementType.Float)
        {
            Span<float> target = MemoryMarshal.Cast<byte, float>(Bytes).Slice(at, length);
            values.CopyTo(target);
            target[values.Length..].Clear();
            return;
        }

        Span<Half> half = MemoryMarshal.Cast<byte, Half>(Bytes).Slice(at, length);
        for (int i = 0; i < values.Length; i++)
            half[i] = (Half)values[i];
        half[values.Length..].Clear();
    }

    public void Read(Span<float> values)
    {
        if (_type == TensorElementType.Float)
        {
            MemoryMarshal.Cast<byte, float>(Bytes)[..values.Length].CopyTo(values);
            return;
        }

        Span<Half> half = MemoryMarshal.Cast<byte, Half>(Bytes);
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)half[i];
    }

    public void Dispose() => _memory.Dispose();

    private Span<byte> Bytes => new(Start, _bytes);

    private static int Size(TensorElementType type) => type switch
    {
        TensorElementType.Int64 => sizeof(long),
        TensorElementType.Float16 => sizeof(ushort),
        _ => sizeof(int),
    };
}
