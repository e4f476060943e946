using System.Diagnostics;

namespace ModelServerTests;

/// <summary>A folder with the npm packages of package.json, installed once per run where node and the registry are there.</summary>
internal static class NodeFolder
{
    private static readonly TimeSpan InstallPatience = TimeSpan.FromSeconds(60);

    private static readonly Lazy<Task<string?>> Ready = new(InstallAsync);

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Clients");

    /// <summary>Null when scripts can be run here; else why they cannot.</summary>
    public static Task<string?> WhyNotAsync() => Ready.Value;

    /// <summary>Runs a script of the tests; returns its exit status and what it printed.</summary>
    public static Task<(int Status, string Output)> RunAsync(string script, params string[] arguments) => RunProcessAsync("node", [script, .. arguments], ServerRig.Patience);

    private static async Task<string?> InstallAsync()
    {
        try
        {
            (int status, string output) = await RunProcessAsync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--fetch-retries=0", "--fetch-timeout=20000"], InstallPatience);
            return status == 0 ? null : $"npm ci ended with {status}: {output[..Math.Min(200, output.Length)]}";
        }
        catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or OperationCanceledException)
        {
            return $"npm could not be run: {fault.Message}";
        }
    }

    private static async Task<(int Status, string Output)> RunProcessAsync(string file, string[] arguments, TimeSpan patience)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, arguments) { WorkingDirectory = Path, RedirectStandardOutput = true, RedirectStandardError = true })!;
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
}
