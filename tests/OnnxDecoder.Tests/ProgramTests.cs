using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OnnxDecoder.Tests;

public sealed class ProgramTests
{
    [Fact]
    public async Task Main_AtAPortThatIsTaken_SaysSoInALine()
    {
        using var model = new TemporaryModel();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "OnnxDecoder.dll"), model.Folder, "--cpu", "true", "--url", $"http://{taken.LocalEndpoint}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        try
        {
            using var patience = new CancellationTokenSource(DecoderRig.Patience);
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token), errors = process.StandardError.ReadToEndAsync(patience.Token);
            Assert.StartsWith("The model runs on the CPU: ", await output, StringComparison.Ordinal);
            string line = Assert.Single((await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains("--url", line, StringComparison.Ordinal);
            await process.WaitForExitAsync(patience.Token);
            Assert.Equal(1, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
