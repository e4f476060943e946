using System.Runtime.InteropServices;
using System.Text;

namespace LlmScheduling.Cuda.Tests;

/// <summary>A library of its own that plays the CUDA driver, for one test. Disposal asserts that nothing is left and nothing was done wrong.</summary>
internal sealed unsafe class StandInDriver : IDisposable
{
    private readonly nint _library;

    /// <param name="without">A function that this driver does not have.</param>
    public StandInDriver(string? without = null)
    {
        StandInBuild build = StandInBuild.Instance;
        Assert.SkipWhen(build.Library is null, build.WhyNone);
        // The same library loaded from another file has variables of its own.
        FilePath = Path.Combine(AppContext.BaseDirectory, $"standin-{Guid.NewGuid():n}.so");
        byte[] library = File.ReadAllBytes(build.Library!);
        if (without is not null)
        {
            // The name of an export, between the zeros of its neighbours.
            int at = library.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"\0{without}\0"));
            Assert.True(at > 0, without);
            library[at + 1] = (byte)'-';
        }

        File.WriteAllBytes(FilePath, library);
        _library = NativeLibrary.Load(FilePath);
    }

    public string FilePath { get; }

    public CudaDriver Open() => CudaDriver.Open(FilePath);

    public void SetDevices(int count, ulong bytes = 1UL << 30) => ((delegate* unmanaged<int, ulong, void>)Export("standin_devices"))(count, bytes);

    /// <summary>Of all devices; 7.5 unless it was set.</summary>
    public void SetComputeCapability(int major, int minor) => ((delegate* unmanaged<int, void>)Export("standin_capability"))(10 * major + minor);

    /// <summary>Makes a call fail: the <paramref name="call"/>-th from now on of that function, or of all when it is empty.</summary>
    public void Fail(string function, long call, int code, bool losesContexts = false)
    {
        nint name = Marshal.StringToCoTaskMemUTF8(function);
        ((delegate* unmanaged<nint, long, int, int, void>)Export("standin_fail"))(name, call, code, losesContexts ? 1 : 0);
        Marshal.FreeCoTaskMem(name);
    }

    public void FailNothing() => Fail("", 0, 0);

    /// <summary>How often a function was called; all of them when it is empty.</summary>
    public long Calls(string function = "")
    {
        nint name = Marshal.StringToCoTaskMemUTF8(function);
        long calls = ((delegate* unmanaged<nint, long>)Export("standin_calls"))(name);
        Marshal.FreeCoTaskMem(name);
        return calls;
    }

    /// <summary>Contexts, modules, streams and pieces of memory that are not released.</summary>
    public long Outstanding() => ((delegate* unmanaged<long>)Export("standin_outstanding"))();

    public void Dispose()
    {
        string complaint = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Export("standin_complaint"))())!;
        long outstanding = Outstanding();
        int current = ((delegate* unmanaged<int>)Export("standin_current"))();
        NativeLibrary.Free(_library);
        File.Delete(FilePath);
        Assert.Equal(("", 0L, 0), (complaint, outstanding, current));
    }

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);
}
