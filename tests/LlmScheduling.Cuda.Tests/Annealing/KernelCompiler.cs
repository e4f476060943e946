using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LlmScheduling.Cuda.Tests.Annealing;

/// <summary>Compiles the kernel's source for the host, where a C++ compiler is on the path.</summary>
internal static class KernelCompiler
{
    private static readonly string[] Flags = ["-std=c++17", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-x", "c++"];

    private static readonly Lazy<(nint Entry, string? Missing)> Compiled = new(Load);

    /// <summary>The folder of the kernel's source.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryRoot(), "src", "LlmScheduling.Cuda", "Kernels");

    /// <summary>The host's form of the kernel; skips the test where there is no compiler.</summary>
    public static unsafe HostMemoryDevice.Launcher Host()
    {
        (nint address, string? missing) = Compiled.Value;
        Assert.SkipUnless(missing is null, missing ?? "");
        var entry = (delegate* unmanaged<int, int, int, void**, void>)address;
        return (grid, block, sharedBytes, launch) =>
        {
            void* argument = &launch;
            entry(grid, block, sharedBytes, &argument);
        };
    }

    /// <summary>Runs a program; what it printed on either stream, or null where there is no such program.</summary>
    public static (int ExitCode, string Printed)? Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Compiles a source with the kernel's flags and more; null, or why not, where there is no compiler.</summary>
    public static string? Compile(string source, string output, params IEnumerable<string> more)
    {
        foreach (string compiler in (string[])["g++", "clang++", "clang++-19"])
        {
            if (Run(compiler, [.. more, .. Flags, source, "-o", output]) is not { } compiled)
                continue;
            return compiled.ExitCode == 0 ? null : throw new InvalidOperationException($"{compiler} refuses {source}: {compiled.Printed}");
        }

        return "No C++ compiler (g++, clang++) on the path to build the kernel for the host.";
    }

    private static (nint Entry, string? Missing) Load()
    {
        string library = Path.Combine(AppContext.BaseDirectory, $"annealing.{Environment.ProcessId}.so");
        if (Compile(Path.Combine(Folder, "annealing.cu"), library, "-O2", "-shared", "-fPIC") is { } missing)
            return (0, missing);
        nint entry = NativeLibrary.GetExport(NativeLibrary.Load(library), "host_annealing_chains");
        File.Delete(library);
        return (entry, null);
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder!, "LlmScheduling.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder!;
    }
}
