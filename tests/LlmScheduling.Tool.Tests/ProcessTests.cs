using System.Diagnostics;
using System.Text.Json;

namespace LlmScheduling.Tool.Tests;

/// <summary>The tool as a process of its own.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Process_Json_StandsAloneOnStandardOutput()
    {
        using var tool = new ToolRun();
        tool.Write("engine.json", SimulateRun.Engine);
        (int exitCode, string output, string error) = await Start(tool, "simulate", "--workload", "poisson:5:40", "--engine", "engine.json", "--policy", "fcfs", "--json");
        Assert.Equal((ExitCode.Done, ""), (exitCode, error));
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal(40, json.RootElement.GetProperty("policies").GetProperty("fcfs").GetProperty("completed").GetInt32());
    }

    [Fact]
    public async Task Process_BadInput_AnswersTwoWithOneLine()
    {
        using var tool = new ToolRun();
        tool.Write("engine.json", """{"max_sequences": 0, "max_batch_tokens": 8, "step_us": 1000}""");
        (int exitCode, string output, string error) = await Start(tool, "simulate", "--workload", "burst:3", "--engine", "engine.json", "--policy", "fcfs", "--out", "out");
        Assert.Equal((ExitCode.BadInput, ""), (exitCode, output));
        Assert.Contains("max_sequences", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.False(Directory.Exists(tool.At("out")));
    }

    [Fact]
    public async Task Process_StandardInput_IsRead()
    {
        using var tool = new ToolRun();
        tool.Write("trace.csv", "arrival_us,input_tokens,output_tokens\n0,3,3\n");
        (int exitCode, string output, string error) = await StartWithInput(tool, SimulateRun.Engine, "simulate", "--trace", "trace.csv", "--engine", "-", "--policy", "edf");
        Assert.Equal((ExitCode.Done, ""), (exitCode, error));
        Assert.Contains("edf", output, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Error)> Start(ToolRun tool, params string[] arguments) => StartWithInput(tool, "", arguments);

    private static async Task<(int ExitCode, string Output, string Error)> StartWithInput(ToolRun tool, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "llmsched.dll"), .. arguments])
        {
            WorkingDirectory = tool.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
