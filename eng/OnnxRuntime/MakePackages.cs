// Makes packages of ONNX Runtime from what the npm registry has of it, for machines whose package sources lack the real ones.
// Usage: dotnet run MakePackages.cs -- VERSION (from this folder). See README.md.
#:property PublishAot=false

using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

const string Managed = "Microsoft.ML.OnnxRuntime.Managed", Linux = "Microsoft.ML.OnnxRuntime.Gpu.Linux", Gpu = "Microsoft.ML.OnnxRuntime.Gpu";
const string TensorsVersion = "9.0.19";

// What npm must deliver: another byte, and nothing is made of it.
(string Name, string Sha512)[] wanted =
[
    ("com.github.asus4.onnxruntime@0.4.9", "064cf176e499f4891e0cfe90f25cf64c553689eee1492bd2ed921fccca28131a2ad02373267bae19a509ec8b288c182a3b8a2e0f58d76a1f0e63225b08ddbd16"),
    ("onnxruntime-node@1.29.0", "5a3895541ef6ae220bcfc1db62fc6f9a32b213f5a6918a127ca63ef9ac68e63011eb4f47420f0cc221bf1e14a1a537097e6980773c71981f8c3124f703e4a23c"),
];

string version = args.Length == 1 ? args[0] : throw new ArgumentException("Give the version of the packages.");
string feed = Path.GetFullPath("feed"), missing = Path.Combine(feed, "missing.txt");
using FileStream turn = await TurnAsync(Path.Combine(feed, ".lock"));
if (File.Exists(PackagePath(Gpu)))
    return 0;

string work = Directory.CreateTempSubdirectory("onnxruntime-").FullName;
try
{
    (int status, string output) = await RunAsync("dotnet", ["restore", "Probe/Probe.csproj", "-nologo"], TimeSpan.FromMinutes(20));
    if (status == 0)
    {
        File.Delete(missing);
        return 0;
    }

    // Any other failure is for the restore that follows to report: a source that is only out of reach may hold the packages.
    if (!output.Contains("NU1101", StringComparison.Ordinal) && !output.Contains("NU1102", StringComparison.Ordinal))
        return 0;

    Console.WriteLine($"No package source holds {Gpu} {version}: making it from the npm packages {string.Join(" and ", wanted.Select(package => package.Name))} (260 MB, once).");
    string[] archives = await Task.WhenAll(wanted.Select(DownloadAsync));
    await MakeAsync(archives[0], archives[1]);
    File.Delete(missing);
    return 0;
}
catch (Exception problem) when (problem is InvalidDataException or IOException or Win32Exception or TimeoutException or UnauthorizedAccessException)
{
    string reason = $"ONNX Runtime is missing: no package source holds {Gpu} {version}, and it cannot be made from npm packages ({problem.Message}). LlmScheduling.Cuda is built without its ranker, whose tests are skipped; eng/OnnxRuntime/README.md says what helps.";
    File.WriteAllText(missing, reason.ReplaceLineEndings(" "));
    Console.WriteLine($"MakePackages.cs : warning ONNX1: {reason.ReplaceLineEndings(" ")}");
    return 0;
}
finally
{
    Directory.Delete(work, recursive: true);
}

string PackagePath(string id) => Path.Combine(feed, $"{id}.{version}.nupkg");

// Restores may run side by side; one makes, the others wait for it.
static async Task<FileStream> TurnAsync(string path)
{
    for (int attempt = 0; ; attempt++)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (attempt < 6_000)
        {
            await Task.Delay(100);
        }
    }
}

async Task<string> DownloadAsync((string Name, string Sha512) package)
{
    string folder = Directory.CreateDirectory(Path.Combine(work, package.Name)).FullName;
    string[] arguments = ["pack", package.Name, "--pack-destination", folder, "--ignore-scripts", "--loglevel=error", "--fetch-retries=3", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=10000"];
    (int status, string output) = OperatingSystem.IsWindows()
        ? await RunAsync("cmd", ["/c", "npm", .. arguments], TimeSpan.FromMinutes(15))
        : await RunAsync("npm", arguments, TimeSpan.FromMinutes(15));
    if (status != 0)
        throw new InvalidDataException($"npm pack {package.Name} failed: {output.Trim()}");
    string archive = Directory.GetFiles(folder, "*.tgz").SingleOrDefault() ?? throw new InvalidDataException($"npm pack {package.Name} left no archive.");
    await using FileStream stream = File.OpenRead(archive);
    string found = Convert.ToHexStringLower(await SHA512.HashDataAsync(stream));
    return found == package.Sha512 ? archive : throw new InvalidDataException($"npm delivered another {package.Name} than expected: its SHA-512 is {found}.");
}

async Task MakeAsync(string sourceArchive, string nativeArchive)
{
    string sources = Directory.CreateDirectory(Path.Combine(work, "sources")).FullName;
    string licence = Path.Combine(work, "LICENSE"), core = Path.Combine(work, "libonnxruntime.so"), built = Path.Combine(work, "built");
    Unpack(sourceArchive, entry =>
        entry == "package/LICENSE" ? licence
        : entry.StartsWith("package/Runtime/", StringComparison.Ordinal) && entry.EndsWith(".cs", StringComparison.Ordinal) ? Path.Combine(sources, entry["package/Runtime/".Length..])
        : null);
    Unpack(nativeArchive, entry => entry == "package/bin/napi-v6/linux/x64/libonnxruntime.so.1" ? core : null);

    (int status, string output) = await RunAsync("dotnet", ["build", "Managed/Managed.csproj", "-c", "Release", "-nologo", "-v", "q", "-o", built, $"-p:OnnxRuntimeSources={sources}", $"-p:Version={version}"], TimeSpan.FromMinutes(10));
    if (status != 0)
        throw new InvalidDataException($"ONNX Runtime's C# API does not compile: {output.Trim()}");
    string assembly = Path.Combine(built, "Microsoft.ML.OnnxRuntime.dll");
    Pack(Managed, $"""<dependency id="System.Numerics.Tensors" version="{TensorsVersion}" />""", ("lib/net10.0/Microsoft.ML.OnnxRuntime.dll", assembly), ("lib/net10.0/Microsoft.ML.OnnxRuntime.xml", Path.ChangeExtension(assembly, ".xml")), ("LICENSE", licence));
    Pack(Linux, Dependency(Managed), ("runtimes/linux-x64/native/libonnxruntime.so", core), ("LICENSE", licence));
    // Last: where it stands, all stand.
    Pack(Gpu, Dependency(Managed) + Dependency(Linux), ("LICENSE", licence));
}

string Dependency(string id) => $"""<dependency id="{id}" version="{version}" />""";

static void Unpack(string archive, Func<string, string?> target)
{
    using var stream = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
    using var reader = new TarReader(stream);
    while (reader.GetNextEntry() is { } entry)
    {
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || target(entry.Name) is not { } path)
            continue;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        entry.ExtractToFile(path, overwrite: true);
    }
}

void Pack(string id, string dependencies, params (string Entry, string File)[] files)
{
    string unfinished = Path.Combine(feed, $"{id}.part");
    using (ZipArchive package = ZipFile.Open(unfinished, ZipArchiveMode.Create))
    {
        using (var nuspec = new StreamWriter(package.CreateEntry($"{id}.nuspec").Open()))
        {
            nuspec.Write($"""
                <?xml version="1.0" encoding="utf-8"?>
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
                  <metadata>
                    <id>{id}</id>
                    <version>{version}</version>
                    <authors>Microsoft</authors>
                    <license type="file">LICENSE</license>
                    <projectUrl>https://github.com/microsoft/onnxruntime</projectUrl>
                    <description>Stands in for the package of this name where the package source lacks it; made of npm packages of the same ONNX Runtime by eng/OnnxRuntime of LlmScheduling.</description>
                    <dependencies><group targetFramework="net10.0">{dependencies}</group></dependencies>
                  </metadata>
                </package>
                """);
        }

        foreach ((string entry, string file) in files)
            package.CreateEntryFromFile(file, entry, CompressionLevel.Fastest);
    }

    File.Move(unfinished, PackagePath(id), overwrite: true);
}

static async Task<(int Status, string Output)> RunAsync(string program, string[] arguments, TimeSpan patience)
{
    var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
    foreach (string argument in arguments)
        start.ArgumentList.Add(argument);
    start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
    using Process process = Process.Start(start)!;
    Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
    using var timeout = new CancellationTokenSource(patience);
    try
    {
        await process.WaitForExitAsync(timeout.Token);
    }
    catch (OperationCanceledException)
    {
        process.Kill(entireProcessTree: true);
        throw new TimeoutException($"{program} {arguments[0]} took more than {patience.TotalMinutes} minutes.");
    }

    return (process.ExitCode, await output + await errors);
}
