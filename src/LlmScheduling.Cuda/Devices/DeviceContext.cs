namespace LlmScheduling;

/// <summary>
/// A CUDA context of our own: what is destroyed with it is freed, and a new one can be made without asking others to let go. Not the
/// primary context, which ONNX Runtime shares.
/// </summary>
internal sealed class DeviceContext : IDisposable
{
    private readonly CudaDriver _driver;
    private readonly nint _context;

    /// <exception cref="CudaDriverException">There is no such device, or no memory for a context.</exception>
    public DeviceContext(CudaDriver driver, int device)
    {
        _driver = driver;
        _context = driver.CreateContext(device);
        driver.PopContext();
    }

    /// <summary>Makes it current on this thread until the scope ends.</summary>
    /// <exception cref="CudaDriverException">The context is lost.</exception>
    public Scope Enter()
    {
        _driver.PushContext(_context);
        return new Scope(_driver);
    }

    public void Dispose() => _driver.DestroyContext(_context);

    /// <summary>While a context is current on a thread.</summary>
    public readonly ref struct Scope(CudaDriver driver) : IDisposable
    {
        public void Dispose() => driver.PopContext();
    }
}
