using System.Globalization;
using LlmScheduling;

namespace OnnxDecoder;

/// <summary>Which model, and how it is run.</summary>
internal sealed record DecoderOptions
{
    public const string Help = """
        OnnxDecoder FOLDER [--file NAME.onnx] [--chat chatml|llama-3|plain] [--cpu true] [--cuda-device N] [--threads N]
                    [--seats N] [--context TOKENS] [--kv-mib N] [--step-tokens N] [--chunk-tokens N], and the server's own:
                    [--url http://127.0.0.1:8000] [--model NAME] [--slo FILE.json] [--max-queued N] [--ranker FILE] [--page-token TOKEN] [--otlp URL]
          FOLDER         a model as downloaded: tokenizer.json, config.json, onnx/model.onnx with key-value cache
          --file         which .onnx of the folder; default: model.onnx
          --chat         how a chat becomes a prompt; default: the first of these whose marks the vocabulary has
          --cpu          true: do not try CUDA
          --threads      of the CPU; default: one for each core
          --seats        requests that run at once; default: 16
          --context      most tokens of a prompt and its answer; default: what the model's config.json says, if the cache holds it
          --kv-mib       memory of the KV cache; default: 1024
          --step-tokens  most tokens of one step, up to 4096; default: 256
          --chunk-tokens most tokens of one prompt in a step; default: 128
        """;

    /// <summary>The model's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The model's file in it; null: model.onnx.</summary>
    public string? File { get; init; }

    /// <summary>The chat template's name; null: by the vocabulary.</summary>
    public string? Chat { get; init; }

    /// <summary>The name by which clients ask for it; null: the folder's.</summary>
    public string? Model { get; init; }

    public bool UseCuda { get; init; } = true;

    public int CudaDevice { get; init; }

    /// <summary>Threads of a run on the CPU; 0: one for each core.</summary>
    public int CpuThreads { get; init; }

    /// <summary>Requests that run at once.</summary>
    public int Seats { get; init; } = 16;

    /// <summary>Most tokens of a prompt and its answer; null: what the model says.</summary>
    public int? Context { get; init; }

    /// <summary>Bytes of the KV cache.</summary>
    public long KvBytes { get; init; } = 1L << 30;

    /// <summary>Tokens of a KV block.</summary>
    public int KvBlockTokens { get; init; } = 16;

    /// <summary>Most tokens of one step.</summary>
    public int StepTokens { get; init; } = 256;

    /// <summary>Most tokens of one prompt in a step.</summary>
    public int ChunkTokens { get; init; } = 128;

    /// <summary>Takes the decoder's own arguments; what is left in <paramref name="rest"/> is the server's.</summary>
    /// <exception cref="InputException">One of them has no value, or a bad one.</exception>
    public static DecoderOptions Parse(string[] arguments, out string[] rest)
    {
        List<string> others = [];
        var options = new DecoderOptions { Folder = arguments[0] };
        for (int i = 1; i < arguments.Length; i += 2)
        {
            string name = arguments[i], value = i + 1 < arguments.Length ? arguments[i + 1] : throw new InputException("OnnxDecoder", null, name, "nothing", "a value");
            int Number(int least, int most = int.MaxValue) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
                ? number
                : throw new InputException("OnnxDecoder", null, name, value, $"a number from {least} to {most}");
            switch (name)
            {
                case "--file": options = options with { File = value }; break;
                case "--chat": options = options with { Chat = value }; break;
                case "--model": options = options with { Model = value }; break;
                case "--cpu": options = options with { UseCuda = !bool.TryParse(value, out bool cpu) ? throw new InputException("OnnxDecoder", null, name, value, "true or false") : !cpu }; break;
                case "--cuda-device": options = options with { CudaDevice = Number(0) }; break;
                case "--threads": options = options with { CpuThreads = Number(0, 1_024) }; break;
                case "--seats": options = options with { Seats = Number(1) }; break;
                case "--context": options = options with { Context = Number(2) }; break;
                case "--kv-mib": options = options with { KvBytes = (long)Number(1) << 20 }; break;
                case "--step-tokens": options = options with { StepTokens = Number(1, 4_096) }; break;
                case "--chunk-tokens": options = options with { ChunkTokens = Number(1) }; break;
                default: others.AddRange(Help.Contains($"[{name} ", StringComparison.Ordinal) ? [name, value] : throw new InputException("OnnxDecoder", null, null, name, "the options that --help lists")); break;
            }
        }

        rest = [.. others];
        return options;
    }
}
