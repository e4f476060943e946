namespace LlmScheduling.Cuda.Tests.Annealing;

public sealed class KernelRaceTests
{
    private static readonly string Folder = AppContext.BaseDirectory;

    [Fact]
    public void Block_ThreadsOfTheHost_HaveNoRaceAndWriteWhatOneThreadWrites()
    {
        string expected = Printed("races", "-O1");
        Assert.SkipWhen(KernelCompiler.Run(Built("sanitizer", "empty.cpp", "-fsanitize=thread")) is not { ExitCode: 0 }, "The compiler has no thread sanitizer that runs here.");
        Assert.Equal(expected, Printed("threaded-races", "-O1", "-g", "-DTHREADED", "-fsanitize=thread", "-pthread"));
    }

    private static string Printed(string name, params string[] flags)
    {
        (int exitCode, string printed) = KernelCompiler.Run(Built(name, "races.cpp", flags))!.Value;
        Assert.True(exitCode == 0, printed);
        Assert.InRange(printed.Split('\n').Length, 18, 19);
        return printed;
    }

    private static string Built(string name, string source, params string[] flags)
    {
        string output = Path.Combine(Folder, $"{name}.{Environment.ProcessId}"), path = Path.Combine(Folder, "Annealing", source);
        if (source == "empty.cpp")
            File.WriteAllText(path, "int main() { return 0; }");
        string? missing = null;
        try
        {
            missing = KernelCompiler.Compile(path, output, [.. flags, "-I", KernelCompiler.Folder]);
        }
        catch (InvalidOperationException) when (source == "empty.cpp")
        {
            // The library of the sanitizer is not installed: the program that follows cannot start.
            output += ".missing";
        }

        Assert.SkipUnless(missing is null, missing ?? "");
        return output;
    }
}
