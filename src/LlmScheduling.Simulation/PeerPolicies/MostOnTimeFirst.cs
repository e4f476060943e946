using System.Buffers;

namespace LlmScheduling.Simulation;

/// <summary>
/// The largest set of requests that could all be on time, one after another, goes first, the least work first inside it. Then
/// come requests that are promised nothing, and those that would be late, each by work. Set:
/// <c>by due date, and whenever the work so far exceeds one, without the largest so far</c>.
/// </summary>
/// <remarks>
/// For comparison: Moore and Hodgson's algorithm, which is optimal for one machine, jobs of known size and nothing yet to come.
/// Here a request must start when the work before it is done, and then takes its predicted time in a seat. Sorts what waits.
/// </remarks>
public sealed class MostOnTimeFirst : ISchedulingPolicy
{
    /// <inheritdoc/>
    public void Prioritize(in SchedulingSnapshot snapshot, Span<PriorityKey> keys)
    {
        var spare = new Spare(snapshot);
        Job[] pooled = ArrayPool<Job>.Shared.Rent(keys.Length);
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ref readonly RequestView request = ref snapshot.Requests[i];
            keys[i] = PriorityKey.KeepsSeat;
            if (request.Phase == RequestPhase.Running)
                continue;
            double work = snapshot.WorkSeconds(request), slack = spare.Of(request);
            keys[i] = new(double.IsPositiveInfinity(slack) ? 1 : slack < 0 ? 2 : 0, 0, work);
            if (keys[i].Tier == 0)
                pooled[count++] = new(slack + work * TimeSpan.TicksPerSecond, work * TimeSpan.TicksPerSecond, request.Id.Sequence, i);
        }

        Span<Job> jobs = pooled.AsSpan(0, count);
        jobs.Sort();
        Job[] pooledHeap = ArrayPool<Job>.Shared.Rent(count);
        double end = 0;
        int kept = 0;
        foreach (ref readonly Job job in jobs)
        {
            end += job.Work;
            Push(pooledHeap, kept++, job);
            if (end <= job.Due)
                continue;
            Job late = Pop(pooledHeap, kept--);
            end -= late.Work;
            keys[late.Index] = keys[late.Index] with { Tier = 2 };
        }

        ArrayPool<Job>.Shared.Return(pooledHeap);
        ArrayPool<Job>.Shared.Return(pooled);
    }

    /// <summary>Adds to a heap of <paramref name="count"/> jobs whose largest stands first.</summary>
    private static void Push(Span<Job> heap, int count, in Job job)
    {
        int at = count;
        for (int parent = (at - 1) / 2; at > 0 && job.IsLargerThan(heap[parent]); parent = (at - 1) / 2)
        {
            heap[at] = heap[parent];
            at = parent;
        }

        heap[at] = job;
    }

    /// <summary>Takes the largest out of a heap of <paramref name="count"/> jobs.</summary>
    private static Job Pop(Span<Job> heap, int count)
    {
        Job largest = heap[0], moved = heap[count - 1];
        int at = 0, last = count - 1;
        for (int child = 1; child < last; child = 2 * at + 1)
        {
            if (child + 1 < last && heap[child + 1].IsLargerThan(heap[child]))
                child++;
            if (!heap[child].IsLargerThan(moved))
                break;
            heap[at] = heap[child];
            at = child;
        }

        heap[at] = moved;
        return largest;
    }

    private readonly record struct Job(double Due, double Work, long Id, int Index) : IComparable<Job>
    {
        public int CompareTo(Job other)
        {
            int order = Due.CompareTo(other.Due);
            return order != 0 ? order : Id.CompareTo(other.Id);
        }

        public bool IsLargerThan(in Job other) => Work != other.Work ? Work > other.Work : Id > other.Id;
    }
}
