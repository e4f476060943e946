using System.Text.Json;
using LlmScheduling;

namespace OnnxDecoder;

/// <summary>A folder as it is downloaded from Hugging Face: an ONNX model, in the folder or in its <c>onnx</c>, config.json, tokenizer.json, and, if there is one, generation_config.json.</summary>
internal sealed class ModelFolder
{
    private static readonly string[] ContextNames = ["max_position_embeddings", "n_positions", "n_ctx"];

    /// <param name="path">The folder.</param>
    /// <param name="file">The model's file in it; null: model.onnx.</param>
    /// <exception cref="InputException">A file is missing or damaged.</exception>
    public ModelFolder(string path, string? file)
    {
        if (!Directory.Exists(path))
            throw new InputException("OnnxDecoder", null, "FOLDER", $"no folder {path}", "a model's folder as downloaded, with tokenizer.json, config.json and onnx/model.onnx");
        string[] models = [.. Directory.EnumerateFiles(path, "*.onnx", SearchOption.AllDirectories).Select(model => Path.GetRelativePath(path, model)).Order(StringComparer.Ordinal)];
        string? model = file is null
            ? models.FirstOrDefault(one => Path.GetFileName(one) == "model.onnx") ?? (models.Length == 1 ? models[0] : null)
            : models.FirstOrDefault(one => one == file || Path.GetFileName(one) == file);
        ModelPath = Path.Combine(path, model ?? throw new InputException(path, null, file is null ? null : "--file", file ?? "no model.onnx", models.Length == 0 ? "a folder with a model exported to ONNX with key-value cache" : $"--file with one of {string.Join(", ", models)}"));
        TokenizerPath = Path.Combine(path, "tokenizer.json");
        Name = Path.GetFileName(Path.GetFullPath(path).TrimEnd(Path.DirectorySeparatorChar));

        string config = Path.Combine(path, "config.json"), generation = Path.Combine(path, "generation_config.json");
        JsonElement settings = Read(config);
        MaxContextTokens = ContextNames.Select(name => settings.TryGetProperty(name, out JsonElement value) && value.TryGetInt32(out int tokens) ? tokens : 0).FirstOrDefault(tokens => tokens > 0);
        if (MaxContextTokens == 0)
            throw new InputException(config, null, ContextNames[0], "nothing", "how many tokens the model's context holds");
        EndTokens = [.. EndsOf(settings), .. File.Exists(generation) ? EndsOf(Read(generation)) : []];
    }

    /// <summary>The folder's own name.</summary>
    public string Name { get; }

    public string ModelPath { get; }

    public string TokenizerPath { get; }

    public int MaxContextTokens { get; }

    /// <summary>Tokens that end an answer.</summary>
    public IReadOnlyCollection<int> EndTokens { get; }

    private static HashSet<int> EndsOf(JsonElement settings) =>
        !settings.TryGetProperty("eos_token_id", out JsonElement ends) ? []
        : ends.ValueKind == JsonValueKind.Array ? [.. ends.EnumerateArray().Select(end => end.GetInt32())]
        : ends.ValueKind == JsonValueKind.Number ? [ends.GetInt32()]
        : [];

    private static JsonElement Read(string path)
    {
        try
        {
            JsonElement root = JsonElement.Parse(File.ReadAllBytes(path));
            return root.ValueKind == JsonValueKind.Object ? root : throw new InputException(path, null, null, root.ValueKind.ToString(), "an object");
        }
        catch (FileNotFoundException)
        {
            throw new InputException(path, null, null, "no file", "the one of the model's folder");
        }
        catch (JsonException problem)
        {
            throw new InputException(path, problem.LineNumber + 1, null, "no JSON", "the file as it was downloaded");
        }
    }
}
