using System.Diagnostics;
using System.Text.Json;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Runs samples/BertRanker/train_ranker.py in a folder of the test's own, where a Python with PyTorch and onnx is to be had.</summary>
internal sealed class TrainingScript : IDisposable
{
    private static readonly string Scripts = Path.Combine(Root(), "samples", "BertRanker");

    // Debian's Python has python3-torch even where another one comes first in the path.
    private static readonly Lazy<string?> Python = new(() => Array.Find(["/usr/bin/python3", "python3", "python"], HasTorch));

    private readonly string _folder = Directory.CreateTempSubdirectory("llmscheduling-training-").FullName;

    /// <summary>Skips the test that asks, where nothing can train.</summary>
    public static void SkipWithoutPyTorch() => Assert.SkipUnless(Python.Value is not null, "no Python with the packages torch and onnx (Debian: python3-torch, python3-onnx)");

    public string At(string name) => Path.Combine(_folder, name);

    public string[] Entries() => [.. Directory.EnumerateFileSystemEntries(_folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Runs the script to its good end; answers what it printed.</summary>
    public JsonElement Train(params string[] arguments)
    {
        (int status, string output, string errors) = Run(arguments);
        Assert.True(status == 0, errors);
        return JsonDocument.Parse(output).RootElement;
    }

    public (int Status, string Output, string Errors) Run(params string[] arguments) => Start([Path.Combine(Scripts, "train_ranker.py"), .. arguments]);

    /// <summary>Runs a few lines of Python that know the script's modules; answers what they printed.</summary>
    public string RunLines(string lines, params string[] arguments)
    {
        (int status, string output, string errors) = Start(["-c", lines, .. arguments]);
        Assert.True(status == 0, errors);
        return output;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (int Status, string Output, string Errors) Start(string[] arguments)
    {
        using Process process = Process.Start(Command(Python.Value!, _folder, arguments))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return (process.ExitCode, output.Result, errors.Result);
    }

    private static ProcessStartInfo Command(string python, string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(python, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = Scripts;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["PYTHONUTF8"] = "1";
        // Small models gain nothing from threads, and other tests run beside.
        start.Environment["OMP_NUM_THREADS"] = "1";
        return start;
    }

    private static bool HasTorch(string python)
    {
        try
        {
            using Process process = Process.Start(Command(python, Path.GetTempPath(), ["-c", "import torch, onnx"]))!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string Root()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LlmScheduling.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
