using System.Diagnostics;
using System.Runtime.InteropServices;

/// <summary>How long the calling thread has been on a CPU. Where the system does not say (not Linux): how long by the wall clock, which is never less.</summary>
internal static class ThreadTime
{
    private const int ThreadCpuTime = 3;

    public static TimeSpan Now =>
        OperatingSystem.IsLinux() && clock_gettime(ThreadCpuTime, out Timespec time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1e3)
            : Stopwatch.GetElapsedTime(0);

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, out Timespec time);

    private readonly struct Timespec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
