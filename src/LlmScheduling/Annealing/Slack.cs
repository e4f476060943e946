using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LlmScheduling;

/// <summary>Sweeps over rows of whole numbers, as wide as the processor goes.</summary>
internal static class Slack
{
    /// <summary>How many slacks are 0 and more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Met(ReadOnlySpan<int> slacks)
    {
        int met = 0;
        foreach (int slack in slacks)
            met += slack >= 0 ? 1 : 0;
        return met;
    }

    /// <summary>How the count of slacks of 0 and more changes when every slack falls by <paramref name="shift"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int MetAfterShift(ReadOnlySpan<int> slacks, int shift)
    {
        // Falling by more than 0 loses the slacks in [0, shift); falling by less than 0 wins those in [shift, 0).
        int low = Math.Min(0, shift), count = 0, i = 0;
        uint width = (uint)(Math.Max(0, shift) - low);
        if (width == 0)
            return 0;
        ref int first = ref MemoryMarshal.GetReference(slacks);
        Vector512<int> lows = Vector512.Create(low);
        Vector512<uint> widths = Vector512.Create(width);
        for (; i <= slacks.Length - Vector512<int>.Count; i += Vector512<int>.Count)
            count += BitOperations.PopCount(Vector512.LessThan((Vector512.LoadUnsafe(ref first, (nuint)i) - lows).AsUInt32(), widths).ExtractMostSignificantBits());
        for (; i < slacks.Length; i++)
            count += (uint)(slacks[i] - low) < width ? 1 : 0;
        return shift > 0 ? -count : count;
    }

    /// <summary>Adds the same to every value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(Span<int> values, int change)
    {
        int i = 0;
        ref int first = ref MemoryMarshal.GetReference(values);
        Vector<int> changes = new(change);
        for (; i <= values.Length - Vector<int>.Count; i += Vector<int>.Count)
            (Vector.LoadUnsafe(ref first, (nuint)i) + changes).StoreUnsafe(ref first, (nuint)i);
        for (; i < values.Length; i++)
            values[i] += change;
    }

    /// <summary>Adds to every value the one of another row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(Span<int> values, ReadOnlySpan<int> changes)
    {
        int i = 0;
        ref int first = ref MemoryMarshal.GetReference(values);
        ref int change = ref MemoryMarshal.GetReference(changes[..values.Length]);
        for (; i <= values.Length - Vector<int>.Count; i += Vector<int>.Count)
            (Vector.LoadUnsafe(ref first, (nuint)i) + Vector.LoadUnsafe(ref change, (nuint)i)).StoreUnsafe(ref first, (nuint)i);
        for (; i < values.Length; i++)
            values[i] += changes[i];
    }
}
