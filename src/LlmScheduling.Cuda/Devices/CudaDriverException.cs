namespace LlmScheduling;

/// <summary>A function of the CUDA driver failed, or the driver cannot be used.</summary>
internal sealed class CudaDriverException : InvalidOperationException
{
    public const int OutOfMemory = 2, NoDevice = 100;

    public CudaDriverException(string function, int code, string meaning)
        : base($"{function} failed with {code} ({meaning}).") =>
        (Function, Code) = (function, code);

    /// <summary>A driver that cannot be loaded, or a device that is not there: no function failed.</summary>
    public CudaDriverException(string reason)
        : base(reason) =>
        Function = "";

    /// <summary>Name of the driver's function; empty when none was called.</summary>
    public string Function { get; }

    /// <summary>What it returned; 0 when none was called.</summary>
    public int Code { get; }
}
