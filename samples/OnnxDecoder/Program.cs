using LlmScheduling;
using Microsoft.ML.OnnxRuntime;

namespace OnnxDecoder;

/// <summary>Serves a model's folder: the server of samples/ModelServer with a real decoder as its engine.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args.Length == 0 || args[0] is "--help" or "-h")
        {
            Console.WriteLine(DecoderOptions.Help);
            return 0;
        }

        // One line of ours says where the model runs; ONNX Runtime would say it again in ten.
        var quiet = new EnvironmentCreationOptions { logId = "OnnxDecoder", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        OrtEnv.CreateInstanceWithOptions(ref quiet);
        try
        {
            DecoderOptions options = DecoderOptions.Parse(args, out string[] rest);
            CommandLine command = CommandLine.Parse(rest);
            using OtlpExport? otlp = command.Server.Otlp is { } collector ? new OtlpExport(collector) : null;
            OnnxEngine engine = OnnxEngine.Load(options, Console.WriteLine);
            await using WebApplication app = ModelServer.Build(engine, command.Server);
            await app.StartAsync();
            string url = app.Urls.Single();
            Console.WriteLine($"Serving {engine.Model} at {url}/v1, page at {url}/scheduler, metrics at {url}/metrics. Ctrl+C stops it.");
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (IOException fault)
        {
            Console.Error.WriteLine($"{fault.Message} Where the port is taken, another --url helps; port 0 takes a free one.");
            return 1;
        }
        catch (InputException fault)
        {
            Console.Error.WriteLine(fault.Message);
            return 2;
        }
    }
}
