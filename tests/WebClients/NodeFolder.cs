using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace WebClients;

/// <summary>A folder with the npm packages of package.json, installed once per checkout and lock file where node and the registry are there.</summary>
internal static class NodeFolder
{
    private static readonly TimeSpan InstallPatience = TimeSpan.FromSeconds(60), ScriptPatience = TimeSpan.FromSeconds(90);

    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "WebClients");

    // Below the checkout's folder of what builds make, so that every test project uses the same.
    private static readonly string Folder = Path.Combine(Checkout(), "artifacts", "node", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Scripts, "package-lock.json"))))[..16]);

    private static readonly Lazy<Task<string?>> Ready = new(() => OnceFilledFolder.EnsureAsync(Folder, InstallAsync));

    /// <summary>Skips the test where scripts cannot be run.</summary>
    public static async Task RequireAsync()
    {
        string? whyNot = await Ready.Value;
        Assert.SkipUnless(whyNot is null, whyNot ?? "");
    }

    /// <summary>Runs one of the scripts beside this file; returns its exit status and what it printed.</summary>
    public static Task<(int Status, string Output)> RunAsync(string script, params string[] arguments) =>
        RunProcessAsync("node", [Path.Combine(Scripts, script), .. arguments], Folder, ScriptPatience);

    private static async Task<string?> InstallAsync(string folder)
    {
        foreach (string file in new[] { "package.json", "package-lock.json" })
            File.Copy(Path.Combine(Scripts, file), Path.Combine(folder, file));
        try
        {
            (int status, string output) = await RunProcessAsync(
                "npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--fetch-retries=0", "--fetch-timeout=20000"], folder, InstallPatience);
            return status == 0 ? null : $"npm ci ended with {status}: {output[..Math.Min(200, output.Length)]}";
        }
        catch (Exception fault) when (fault is Win32Exception or OperationCanceledException)
        {
            return $"npm could not be run: {fault.Message}";
        }
    }

    private static async Task<(int Status, string Output)> RunProcessAsync(string file, string[] arguments, string folder, TimeSpan patience)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Checkout()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LlmScheduling.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No LlmScheduling.sln above {AppContext.BaseDirectory}.");
    }
}
