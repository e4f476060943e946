using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;

namespace LlmScheduling.Cuda.Tests;

/// <summary>The project files of LlmScheduling.Cuda in a folder of their own, with a package source, a package cache and an npm that the test makes.</summary>
internal sealed class RestoreCopy : IDisposable
{
    private const string Project = "src/LlmScheduling.Cuda/LlmScheduling.Cuda.csproj";

    private readonly string _folder = Directory.CreateTempSubdirectory("llmscheduling-restore-").FullName;

    public RestoreCopy()
    {
        string root = Root();
        IEnumerable<string> eng = Directory.EnumerateFiles(Path.Combine(root, "eng/OnnxRuntime"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj") && (!path.Contains("/feed/", StringComparison.Ordinal) || path.EndsWith(".md", StringComparison.Ordinal)));
        foreach (string path in eng.Concat(["Directory.Build.props", "Directory.Packages.props", "global.json", "src/LlmScheduling/LlmScheduling.csproj", Project]))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
            File.Copy(Path.Combine(root, path), At(path));
        }

        Version = XDocument.Load(At("eng/OnnxRuntime/OnnxRuntime.props")).Descendants("OnnxRuntimeVersion").Single().Value;
        Directory.CreateDirectory(Source);
        Directory.CreateDirectory(At("bin"));
        CopyOtherPackages(Path.Combine(root, Path.GetDirectoryName(Project)!, "obj/project.assets.json"));
    }

    public string Version { get; }

    public string Source => At("source");

    /// <summary>What the fall-back left for the next restore to read; empty when it had nothing to say.</summary>
    public string Missing => File.Exists(At("eng/OnnxRuntime/feed/missing.txt")) ? File.ReadAllText(At("eng/OnnxRuntime/feed/missing.txt")) : "";

    public bool NpmWasAsked => File.Exists(At("npm-was-asked"));

    public IEnumerable<string> MadePackages => Directory.EnumerateFiles(At("eng/OnnxRuntime/feed"), "*.nupkg");

    /// <summary>Where NuGet says that the package came from; null when it was not restored.</summary>
    public string? SourceOf(string id)
    {
        string path = At($"packages/{id.ToLowerInvariant()}/{Version}/.nupkg.metadata");
        return File.Exists(path) ? JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("source").GetString() : null;
    }

    /// <summary>The packages that the project resolved to.</summary>
    public string[] Resolved() => [.. JsonDocument.Parse(File.ReadAllText(At("src/LlmScheduling.Cuda/obj/project.assets.json"))).RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name)];

    /// <summary>Puts a package into the source that has a name and nothing else.</summary>
    public void AddStandIn(string id)
    {
        using ZipArchive package = ZipFile.Open(Path.Combine(Source, $"{id}.{Version}.nupkg"), ZipArchiveMode.Create);
        using (var nuspec = new StreamWriter(package.CreateEntry($"{id}.nuspec").Open()))
            nuspec.Write($"""<?xml version="1.0"?><package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata><id>{id}</id><version>{Version}</version><authors>test</authors><description>A stand-in.</description></metadata></package>""");
        package.CreateEntry("lib/netstandard2.0/_._");
    }

    /// <param name="npm">What the only npm within reach does, in the words of sh.</param>
    public (int Status, string Output) Restore(string npm)
    {
        string script = At("bin/npm");
        File.WriteAllText(script, $"#!/bin/sh\ntouch '{At("npm-was-asked")}'\n{npm}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { "restore", Project, "--source", Source, "--packages", At("packages"), "-p:NuGetAudit=false", "-nodeReuse:false" })
            start.ArgumentList.Add(argument);
        start.Environment["PATH"] = At("bin") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>All that the project needs but ONNX Runtime, from NuGet's cache of this machine.</summary>
    private void CopyOtherPackages(string assets)
    {
        JsonElement root = JsonDocument.Parse(File.ReadAllText(assets)).RootElement;
        string[] caches = [.. root.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name)];
        foreach (JsonProperty library in root.GetProperty("libraries").EnumerateObject())
        {
            if (library.Value.GetProperty("type").GetString() != "package" || library.Name.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal))
                continue;
            string path = library.Value.GetProperty("path").GetString()!;
            string file = path.Replace('/', '.') + ".nupkg";
            File.Copy(caches.Select(cache => Path.Combine(cache, path, file)).First(File.Exists), Path.Combine(Source, file));
        }
    }

    private string At(string path) => Path.Combine(_folder, path);

    private static string Root()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LlmScheduling.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
