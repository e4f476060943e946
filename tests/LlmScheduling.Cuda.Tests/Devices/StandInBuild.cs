using System.ComponentModel;
using System.Diagnostics;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Compiles the stand-in driver and kernels into one library, once a run of the tests.</summary>
internal sealed class StandInBuild
{
    private static readonly Lazy<StandInBuild> OfThisRun = new(() => new StandInBuild());

    private StandInBuild()
    {
        // The annealing kernel of the package, and one for tests of the layer below.
        string[] sources = [Source("driver.cpp"), Source("scale.cpp"), "-x", "c++", Source("annealing.cu")];
        string library = Path.Combine(AppContext.BaseDirectory, $"standin-driver-{Environment.ProcessId}.so");
        var complaints = new List<string>();
        foreach (string compiler in new[] { "g++", "clang++" })
        {
            try
            {
                string[] arguments = ["-O2", "-std=c++17", "-ffp-contract=off", "-shared", "-fPIC", "-o", library, .. sources, "-x", "none", "-ldl"];
                using Process process = Process.Start(new ProcessStartInfo(compiler, arguments) { RedirectStandardError = true })!;
                string said = process.StandardError.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode != 0)
                    throw new InvalidOperationException($"{compiler} refused the stand-in driver: {said}");
                Library = library;
                return;
            }
            catch (Win32Exception)
            {
                complaints.Add(compiler);
            }
        }

        WhyNone = $"The stand-in driver needs a C++ compiler: {string.Join(" and ", complaints)} are not on the path.";
    }

    public static StandInBuild Instance => OfThisRun.Value;

    /// <summary>The library; null where there is no compiler.</summary>
    public string? Library { get; }

    public string WhyNone { get; } = "";

    private static string Source(string name) => Path.Combine(AppContext.BaseDirectory, "StandIn", name);
}
