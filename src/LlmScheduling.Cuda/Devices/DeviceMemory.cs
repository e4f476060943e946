namespace LlmScheduling;

/// <summary>Pieces of device memory that grow and are kept. Inside the context of its caller.</summary>
internal sealed class DeviceMemory(CudaDriver driver)
{
    public const int Slots = 16;

    // So that problems of nearly the same size do not allocate again.
    private const long Step = 64 << 10;

    private readonly (ulong Address, long Bytes)[] _slots = new (ulong, long)[Slots];

    /// <summary>Memory of at least that size; what the slot held is gone if it must grow.</summary>
    public ulong Slot(int slot, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        if (_slots[slot].Bytes >= bytes)
            return _slots[slot].Address;
        Free(ref _slots[slot]);
        long rounded = (bytes + Step - 1) / Step * Step;
        _slots[slot] = (driver.Allocate(rounded), rounded);
        return _slots[slot].Address;
    }

    public void Free()
    {
        foreach (ref (ulong, long) slot in _slots.AsSpan())
            Free(ref slot);
    }

    private void Free(ref (ulong Address, long Bytes) slot)
    {
        if (slot.Address != 0)
            driver.Free(slot.Address);
        slot = default;
    }
}
