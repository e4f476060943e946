using System.Globalization;
using System.Text;

namespace LlmScheduling.Tool.Tests;

/// <summary>A folder with a small trace of two classes, an engine and objectives, and <c>llmsched simulate</c> over them.</summary>
internal sealed class SimulateRun : IDisposable
{
    public const int Requests = 60;

    public const string Engine = """{"max_sequences": 4, "max_batch_tokens": 256, "step_us": 20000, "per_sequence_us": 1000}""";

    private readonly ToolRun _tool = new();

    public SimulateRun()
    {
        var trace = new StringBuilder("id,arrival_us,input_tokens,output_tokens,slo_class\n");
        for (int i = 0; i < Requests; i++)
            trace.Append(CultureInfo.InvariantCulture, $"r{i},{i * 90_000},{20 + i * 37 % 400},{1 + i * 11 % 23},{(i % 3 == 0 ? "code" : "chat")}\n");
        _tool.Write("trace.csv", trace.ToString());
        _tool.Write("engine.json", Engine);
        _tool.Write("slo.json", """{"classes": {"chat": {"ttft_ms": 500, "tpot_ms": 50}, "code": {"e2e_ms": 3000}}}""");
    }

    public string Output => _tool.Output;

    public string Error => _tool.Error;

    public Task<int> Simulate(params string[] arguments) => _tool.Run(["simulate", "--trace", "trace.csv", "--engine", "engine.json", .. arguments]);

    public string Read(string name) => _tool.Read(name);

    public string[] Files() => _tool.Files();

    public void Dispose() => _tool.Dispose();
}
