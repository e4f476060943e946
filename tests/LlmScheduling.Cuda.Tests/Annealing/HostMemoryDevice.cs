using System.Runtime.InteropServices;

namespace LlmScheduling.Cuda.Tests.Annealing;

/// <summary>A device whose memory is the host's; a launch is a call.</summary>
internal sealed unsafe class HostMemoryDevice(HostMemoryDevice.Launcher launcher, int mostSharedBytes = 232_448) : IKernelDevice, IDisposable
{
    private readonly Dictionary<int, (nint Memory, long Bytes)> _buffers = [];

    public delegate void Launcher(int grid, int block, int sharedBytes, ChainLaunch launch);

    public int MostSharedBytes => mostSharedBytes;

    public int Launches { get; private set; }

    /// <summary>Copies from the device, for each of which the host waits.</summary>
    public int Waits { get; private set; }

    public ulong Buffer(int slot, long bytes)
    {
        if (_buffers.TryGetValue(slot, out (nint Memory, long Bytes) held))
        {
            if (held.Bytes >= bytes)
                return (ulong)held.Memory;
            NativeMemory.AlignedFree((void*)held.Memory);
        }

        nint memory = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 256);
        NativeMemory.Fill((void*)memory, (nuint)bytes, 0xCD);
        _buffers[slot] = (memory, bytes);
        return (ulong)memory;
    }

    public void CopyTo<T>(ulong destination, ReadOnlySpan<T> source)
        where T : unmanaged => source.CopyTo(new Span<T>((void*)destination, source.Length));

    public void CopyFrom<T>(Span<T> destination, ulong source)
        where T : unmanaged
    {
        Waits++;
        new Span<T>((void*)source, destination.Length).CopyTo(destination);
    }

    public void Launch<T>(string entry, int grid, int block, int sharedBytes, in T parameters)
        where T : unmanaged
    {
        if (entry != ChainSearch.Entry)
            throw new ArgumentOutOfRangeException(nameof(entry), entry, "There is one kernel.");
        Launches++;
        launcher(grid, block, sharedBytes, (ChainLaunch)(object)parameters);
    }

    public void Dispose()
    {
        foreach ((nint memory, _) in _buffers.Values)
            NativeMemory.AlignedFree((void*)memory);
    }
}
