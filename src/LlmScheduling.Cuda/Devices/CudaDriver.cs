using System.Runtime.InteropServices;

namespace LlmScheduling;

/// <summary>
/// The functions of the CUDA driver API that this library calls, looked up by name in the driver's own library: no toolkit is
/// needed. Names and types are those of cuda.h since CUDA 4; a _v2 is the form with 64-bit sizes. Any thread.
/// </summary>
internal sealed unsafe class CudaDriver
{
    private readonly delegate* unmanaged<int, byte**, int> _getErrorName, _getErrorString;
    private readonly delegate* unmanaged<uint, int> _init;
    private readonly delegate* unmanaged<int*, int> _driverGetVersion, _deviceGetCount;
    private readonly delegate* unmanaged<int*, int, int> _deviceGet;
    private readonly delegate* unmanaged<byte*, int, int, int> _deviceGetName;
    private readonly delegate* unmanaged<nuint*, int, int> _deviceTotalMem;
    private readonly delegate* unmanaged<int*, int, int, int> _deviceGetAttribute;
    private readonly delegate* unmanaged<nint*, uint, int, int> _ctxCreate;
    private readonly delegate* unmanaged<nint*, void*, uint, int, int> _ctxCreateWithParameters;
    private readonly delegate* unmanaged<nint, int> _ctxDestroy, _ctxPushCurrent, _moduleUnload, _streamSynchronize, _streamDestroy;
    private readonly delegate* unmanaged<nint*, int> _ctxPopCurrent;
    private readonly delegate* unmanaged<nuint*, nuint*, int> _memGetInfo;
    private readonly delegate* unmanaged<nint*, byte*, uint, int*, void**, int> _moduleLoadDataEx;
    private readonly delegate* unmanaged<nint*, nint, byte*, int> _moduleGetFunction;
    private readonly delegate* unmanaged<nint, int, int, int> _funcSetAttribute;
    private readonly delegate* unmanaged<ulong*, nuint, int> _memAlloc;
    private readonly delegate* unmanaged<ulong, int> _memFree;
    private readonly delegate* unmanaged<ulong, void*, nuint, nint, int> _memcpyHtoDAsync;
    private readonly delegate* unmanaged<void*, ulong, nuint, nint, int> _memcpyDtoHAsync;
    private readonly delegate* unmanaged<nint*, uint, int> _streamCreate;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launchKernel;

    private CudaDriver(nint library)
    {
        nint Find(string name) => NativeLibrary.TryGetExport(library, name, out nint address)
            ? address
            : throw new CudaDriverException($"The NVIDIA driver is too old: it has no {name}.");

        _getErrorName = (delegate* unmanaged<int, byte**, int>)Find("cuGetErrorName");
        _getErrorString = (delegate* unmanaged<int, byte**, int>)Find("cuGetErrorString");
        _init = (delegate* unmanaged<uint, int>)Find("cuInit");
        _driverGetVersion = (delegate* unmanaged<int*, int>)Find("cuDriverGetVersion");
        _deviceGetCount = (delegate* unmanaged<int*, int>)Find("cuDeviceGetCount");
        _deviceGet = (delegate* unmanaged<int*, int, int>)Find("cuDeviceGet");
        _deviceGetName = (delegate* unmanaged<byte*, int, int, int>)Find("cuDeviceGetName");
        _deviceTotalMem = (delegate* unmanaged<nuint*, int, int>)Find("cuDeviceTotalMem_v2");
        _deviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)Find("cuDeviceGetAttribute");
        // CUDA 13 declares the form with parameters only, which drivers before 12.5 lack; drivers have kept the other so far.
        if (NativeLibrary.TryGetExport(library, "cuCtxCreate_v2", out nint create))
            _ctxCreate = (delegate* unmanaged<nint*, uint, int, int>)create;
        else
            _ctxCreateWithParameters = (delegate* unmanaged<nint*, void*, uint, int, int>)Find("cuCtxCreate_v4");
        _ctxDestroy = (delegate* unmanaged<nint, int>)Find("cuCtxDestroy_v2");
        _ctxPushCurrent = (delegate* unmanaged<nint, int>)Find("cuCtxPushCurrent_v2");
        _ctxPopCurrent = (delegate* unmanaged<nint*, int>)Find("cuCtxPopCurrent_v2");
        _memGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)Find("cuMemGetInfo_v2");
        _moduleLoadDataEx = (delegate* unmanaged<nint*, byte*, uint, int*, void**, int>)Find("cuModuleLoadDataEx");
        _moduleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)Find("cuModuleGetFunction");
        _moduleUnload = (delegate* unmanaged<nint, int>)Find("cuModuleUnload");
        _funcSetAttribute = (delegate* unmanaged<nint, int, int, int>)Find("cuFuncSetAttribute");
        _memAlloc = (delegate* unmanaged<ulong*, nuint, int>)Find("cuMemAlloc_v2");
        _memFree = (delegate* unmanaged<ulong, int>)Find("cuMemFree_v2");
        _memcpyHtoDAsync = (delegate* unmanaged<ulong, void*, nuint, nint, int>)Find("cuMemcpyHtoDAsync_v2");
        _memcpyDtoHAsync = (delegate* unmanaged<void*, ulong, nuint, nint, int>)Find("cuMemcpyDtoHAsync_v2");
        _streamCreate = (delegate* unmanaged<nint*, uint, int>)Find("cuStreamCreate");
        _streamSynchronize = (delegate* unmanaged<nint, int>)Find("cuStreamSynchronize");
        _streamDestroy = (delegate* unmanaged<nint, int>)Find("cuStreamDestroy_v2");
        _launchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Find("cuLaunchKernel");
    }

    /// <summary>Loads the driver and initialises it, which may be repeated.</summary>
    /// <param name="path">Another library with the same functions; the system's driver, unless given.</param>
    /// <exception cref="CudaDriverException">There is no driver, it is too old, or it cannot be initialised.</exception>
    public static CudaDriver Open(string? path = null)
    {
        string name = path ?? (OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1");
        // The system's folders only: a file of that name beside the program is not the driver.
        DllImportSearchPath? places = path is null ? DllImportSearchPath.System32 : null;
        if (!NativeLibrary.TryLoad(name, typeof(CudaDriver).Assembly, places, out nint library))
            throw new CudaDriverException($"There is no NVIDIA driver: {name} cannot be loaded.");
        var driver = new CudaDriver(library);
        driver.Check("cuInit", driver._init(0));
        return driver;
    }

    /// <summary>1,000 times the major version of CUDA that the driver knows, plus 10 times the minor one.</summary>
    public int Version()
    {
        int version;
        Check("cuDriverGetVersion", _driverGetVersion(&version));
        return version;
    }

    public int DeviceCount()
    {
        int count;
        Check("cuDeviceGetCount", _deviceGetCount(&count));
        return count;
    }

    public int Device(int index)
    {
        int device;
        Check("cuDeviceGet", _deviceGet(&device, index));
        return device;
    }

    public string DeviceName(int device)
    {
        const int Most = 256;
        byte* name = stackalloc byte[Most];
        Check("cuDeviceGetName", _deviceGetName(name, Most, device));
        return Marshal.PtrToStringUTF8((nint)name)!;
    }

    public long DeviceTotalMemory(int device)
    {
        nuint bytes;
        Check("cuDeviceTotalMem_v2", _deviceTotalMem(&bytes, device));
        return (long)bytes;
    }

    public int DeviceAttribute(DeviceAttribute attribute, int device)
    {
        int value;
        Check("cuDeviceGetAttribute", _deviceGetAttribute(&value, (int)attribute, device));
        return value;
    }

    /// <summary>Makes a context, current on this thread, whose waiting threads sleep.</summary>
    public nint CreateContext(int device)
    {
        const uint BlockingSynchronize = 4;
        nint context;
        if (_ctxCreate is not null)
            Check("cuCtxCreate_v2", _ctxCreate(&context, BlockingSynchronize, device));
        else
            Check("cuCtxCreate_v4", _ctxCreateWithParameters(&context, null, BlockingSynchronize, device));
        return context;
    }

    public void PushContext(nint context) => Check("cuCtxPushCurrent_v2", _ctxPushCurrent(context));

    /// <summary>Bytes that are free on the device of the current context.</summary>
    public long FreeMemory()
    {
        nuint free, total;
        Check("cuMemGetInfo_v2", _memGetInfo(&free, &total));
        return (long)free;
    }

    /// <summary>Compiles PTX for the device of the current context; what the compiler says against it is in the message.</summary>
    /// <param name="ptx">Ends with a zero.</param>
    public nint LoadModule(ReadOnlySpan<byte> ptx)
    {
        const int ErrorLogBuffer = 5, ErrorLogBufferSize = 6, MostLog = 4_096;
        byte* log = stackalloc byte[MostLog];
        log[0] = 0;
        int* options = stackalloc int[] { ErrorLogBuffer, ErrorLogBufferSize };
        // A number is passed in the place of the pointer.
        void** values = stackalloc void*[] { log, (void*)MostLog };
        nint module;
        int code;
        fixed (byte* image = ptx)
            code = _moduleLoadDataEx(&module, image, 2, options, values);
        string said = code == 0 ? "" : Marshal.PtrToStringUTF8((nint)log)!.ReplaceLineEndings(" ").Trim();
        Check("cuModuleLoadDataEx", code, said);
        return module;
    }

    public nint Function(nint module, string entry)
    {
        nint function, name = Marshal.StringToCoTaskMemUTF8(entry);
        try
        {
            Check("cuModuleGetFunction", _moduleGetFunction(&function, module, (byte*)name), entry);
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }

        return function;
    }

    /// <summary>Lets a kernel use that much shared memory, beyond the 48 KiB that every kernel may.</summary>
    public void AllowSharedBytes(nint function, int bytes)
    {
        const int MaxDynamicSharedBytes = 8;
        Check("cuFuncSetAttribute", _funcSetAttribute(function, MaxDynamicSharedBytes, bytes));
    }

    public ulong Allocate(long bytes)
    {
        ulong address;
        Check("cuMemAlloc_v2", _memAlloc(&address, (nuint)bytes));
        return address;
    }

    public void CopyToDevice(ulong to, void* from, long bytes, nint stream) => Check("cuMemcpyHtoDAsync_v2", _memcpyHtoDAsync(to, from, (nuint)bytes, stream));

    public void CopyToHost(void* to, ulong from, long bytes, nint stream) => Check("cuMemcpyDtoHAsync_v2", _memcpyDtoHAsync(to, from, (nuint)bytes, stream));

    /// <summary>Makes a stream that does not wait for the default stream.</summary>
    public nint CreateStream()
    {
        const uint NonBlocking = 1;
        nint stream;
        Check("cuStreamCreate", _streamCreate(&stream, NonBlocking));
        return stream;
    }

    public void Launch(nint function, int grid, int block, int sharedBytes, nint stream, void** arguments) =>
        Check("cuLaunchKernel", _launchKernel(function, (uint)grid, 1, 1, (uint)block, 1, 1, (uint)sharedBytes, stream, arguments, null));

    public void Wait(nint stream) => Check("cuStreamSynchronize", _streamSynchronize(stream));

    // What releases is called after failures too, and reports them again: its result says nothing about the release.

    public void PopContext()
    {
        nint context;
        _ = _ctxPopCurrent(&context);
    }

    public void DestroyContext(nint context) => _ = _ctxDestroy(context);

    public void UnloadModule(nint module) => _ = _moduleUnload(module);

    public void Free(ulong address) => _ = _memFree(address);

    public void DestroyStream(nint stream) => _ = _streamDestroy(stream);

    private void Check(string function, int code, string? detail = null)
    {
        if (code == 0)
            return;
        byte* name = null;
        byte* text = null;
        // Codes newer than this driver have neither.
        string meaning = _getErrorName(code, &name) == 0 && _getErrorString(code, &text) == 0 && name is not null && text is not null
            ? $"{Marshal.PtrToStringUTF8((nint)name)}: {Marshal.PtrToStringUTF8((nint)text)}"
            : "an error that the driver has no name for";
        throw new CudaDriverException(function, code, string.IsNullOrEmpty(detail) ? meaning : $"{meaning}; {detail}");
    }
}
