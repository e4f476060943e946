using System.Buffers;

namespace LlmScheduling;

/// <summary>Gives keys whose score is unknown (NaN) the lower median of the known scores; 0 when none is known.</summary>
internal static class UnknownAtMedian
{
    /// <summary>Keys that keep their seat belong to running requests and do not count.</summary>
    public static void Place(Span<PriorityKey> keys)
    {
        if (!AnyUnknown(keys))
            return;
        double[] known = ArrayPool<double>.Shared.Rent(keys.Length);
        int count = 0;
        foreach (ref readonly PriorityKey key in keys)
        {
            if (key.Band != int.MinValue && !double.IsNaN(key.Score))
                known[count++] = key.Score;
        }

        double median = count == 0 ? 0 : LowerMedian(known.AsSpan(0, count));
        ArrayPool<double>.Shared.Return(known);
        foreach (ref PriorityKey key in keys)
        {
            if (double.IsNaN(key.Score))
                key = key with { Score = median };
        }
    }

    private static bool AnyUnknown(ReadOnlySpan<PriorityKey> keys)
    {
        foreach (ref readonly PriorityKey key in keys)
        {
            if (double.IsNaN(key.Score))
                return true;
        }

        return false;
    }

    /// <summary>Quickselect; hostile input, which would make it quadratic, is sorted instead.</summary>
    private static double LowerMedian(Span<double> values)
    {
        int wanted = (values.Length - 1) / 2, low = 0, high = values.Length - 1;
        for (int rounds = 2 * (int)Math.Log2(values.Length) + 8; low < high; rounds--)
        {
            if (rounds == 0)
            {
                values[low..(high + 1)].Sort();
                break;
            }

            double pivot = MiddleOf(values[low], values[low + (high - low) / 2], values[high]);
            int left = low, right = high;
            while (left <= right)
            {
                while (values[left] < pivot)
                    left++;
                while (values[right] > pivot)
                    right--;
                if (left > right)
                    break;
                (values[left], values[right]) = (values[right], values[left]);
                left++;
                right--;
            }

            if (wanted <= right)
                high = right;
            else if (wanted >= left)
                low = left;
            else
                break;
        }

        return values[wanted];
    }

    private static double MiddleOf(double a, double b, double c) =>
        Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
