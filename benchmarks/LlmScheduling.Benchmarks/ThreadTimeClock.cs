using System.Runtime.InteropServices;
using Perfolizer.Horology;

namespace LlmScheduling.Benchmarks;

/// <summary>Counts only the time that the calling thread was on a processor: for work of one thread on a machine that does other work too. Linux.</summary>
internal sealed partial class ThreadTimeClock : IClock
{
    private const int ThreadCpuTime = 3;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public string Title => "thread CPU time";

    public bool IsAvailable => OperatingSystem.IsLinux();

    public Frequency Frequency => new(NanosecondsPerSecond);

    public long GetTimestamp() =>
        ReadClock(ThreadCpuTime, out Time time) == 0 ? time.Seconds * NanosecondsPerSecond + time.Nanoseconds
        : throw new PlatformNotSupportedException("There is no clock of a thread's CPU time.");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
