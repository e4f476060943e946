namespace LlmScheduling;

/// <summary>What a search needs of a graphics processor: memory that outlives a call, copies, and launches in order. One caller at a time.</summary>
internal interface IKernelDevice
{
    /// <summary>The most dynamic shared memory that a block may have, in bytes.</summary>
    int MostSharedBytes { get; }

    /// <summary>Memory that is kept under a small number from call to call; where it was too small it is made anew and holds anything.</summary>
    ulong Buffer(int slot, long bytes);

    /// <summary>Copies to the device, behind what was launched before; the source may be reused at once.</summary>
    void CopyTo<T>(ulong destination, ReadOnlySpan<T> source)
        where T : unmanaged;

    /// <summary>Copies from the device when all that was launched before is done, and waits for it.</summary>
    void CopyFrom<T>(Span<T> destination, ulong source)
        where T : unmanaged;

    /// <summary>Launches an entry of the module whose one parameter is a structure passed by value; does not wait.</summary>
    void Launch<T>(string entry, int grid, int block, int sharedBytes, in T parameters)
        where T : unmanaged;
}
