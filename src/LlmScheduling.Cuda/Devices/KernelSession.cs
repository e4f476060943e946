namespace LlmScheduling;

/// <summary>Kernels loaded onto a device, one stream for all they do, and memory that is kept between calls. One caller at a time, from any thread.</summary>
/// <remarks>
/// All but disposal is called inside <see cref="Enter"/>. Every failure is a <see cref="CudaDriverException"/>: one of a kernel shows at
/// a later call, and then every call fails until the session is made anew.
/// </remarks>
internal sealed unsafe class KernelSession : IKernelDevice, IDisposable
{
    private const int SharedBytesOfAnyKernel = 48 << 10;

    // Of annealing.ptx. The driver says of an older device only that the PTX is not for it.
    private static readonly Version LeastComputeCapability = new(7, 5);

    private readonly CudaDriver _driver;
    private readonly DeviceContext _context;
    private readonly Dictionary<string, (nint Function, int SharedBytes)> _entries = [];
    private readonly DeviceMemory _memory;
    private readonly nint _stream, _module;

    /// <param name="driver">The driver.</param>
    /// <param name="device">Which device.</param>
    /// <param name="ptx">The kernels, compiled for the device by the driver; ends with a zero.</param>
    public KernelSession(CudaDriver driver, int device, ReadOnlySpan<byte> ptx)
    {
        _driver = driver;
        _memory = new DeviceMemory(driver);
        var described = new CudaDevice(driver, device);
        Device = described.ToString();
        if (described.ComputeCapability < LeastComputeCapability)
            throw new CudaDriverException($"{Device} is too old: the kernels need compute capability {LeastComputeCapability} or newer.");
        MostSharedBytes = driver.DeviceAttribute(DeviceAttribute.MaxSharedBytesPerBlockOptIn, described.Handle);
        _context = new DeviceContext(driver, described.Handle);
        try
        {
            using (Enter())
            {
                _stream = driver.CreateStream();
                _module = driver.LoadModule(ptx);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The device in words.</summary>
    public string Device { get; }

    /// <summary>Most shared memory of a block.</summary>
    public int MostSharedBytes { get; }

    public DeviceContext.Scope Enter() => _context.Enter();

    /// <summary>The address of a piece of device memory of at least <paramref name="bytes"/>. Its contents stay until the slot must grow.</summary>
    /// <param name="slot">0 to <see cref="DeviceMemory.Slots"/> - 1.</param>
    /// <param name="bytes">At least 1.</param>
    public ulong Buffer(int slot, long bytes) => _memory.Slot(slot, bytes);

    /// <summary>Copies to the device. <paramref name="source"/> is free when it returns.</summary>
    public void CopyTo<T>(ulong destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        fixed (T* from = source)
        {
            _driver.CopyToDevice(destination, from, (long)source.Length * sizeof(T), _stream);
            // The driver may copy later, and the memory is fixed only here.
            _driver.Wait(_stream);
        }
    }

    /// <summary>Copies from the device, after all that was launched.</summary>
    public void CopyFrom<T>(Span<T> destination, ulong source)
        where T : unmanaged
    {
        fixed (T* to = destination)
        {
            _driver.CopyToHost(to, source, (long)destination.Length * sizeof(T), _stream);
            _driver.Wait(_stream);
        }
    }

    /// <summary>Starts a kernel that takes one structure, after all that was launched before.</summary>
    /// <param name="entry">Its name.</param>
    /// <param name="grid">How many blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block, at most <see cref="MostSharedBytes"/>.</param>
    /// <param name="parameters">Copied before it returns.</param>
    public void Launch<T>(string entry, int grid, int block, int sharedBytes, in T parameters)
        where T : unmanaged
    {
        T copy = parameters;
        void* argument = &copy;
        _driver.Launch(Entry(entry, sharedBytes), grid, block, sharedBytes, _stream, &argument);
    }

    /// <summary>Frees all slots: their addresses are no more.</summary>
    public void FreeBuffers() => _memory.Free();

    public void Dispose()
    {
        try
        {
            using (Enter())
            {
                _memory.Free();
                if (_module != 0)
                    _driver.UnloadModule(_module);
                if (_stream != 0)
                    _driver.DestroyStream(_stream);
            }
        }
        catch (CudaDriverException)
        {
            // A lost context takes all of this with it.
        }

        _context.Dispose();
    }

    private nint Entry(string name, int sharedBytes)
    {
        if (!_entries.TryGetValue(name, out (nint Function, int SharedBytes) entry))
            _entries[name] = entry = (_driver.Function(_module, name), SharedBytesOfAnyKernel);
        if (sharedBytes > entry.SharedBytes)
        {
            _driver.AllowSharedBytes(entry.Function, sharedBytes);
            _entries[name] = (entry.Function, sharedBytes);
        }

        return entry.Function;
    }
}
