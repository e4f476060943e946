using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmScheduling;

namespace OnnxDecoder;

/// <summary>Reads the tokenizer.json of a model's folder, as Hugging Face's tokenizers write it. What it cannot do as they do is refused, since wrong tokens show only as bad answers.</summary>
internal sealed class TokenizerFile
{
    private const string Gpt2Words = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private readonly string _path;

    private TokenizerFile(string path) => _path = path;

    /// <exception cref="InputException">It is missing, damaged, or of another kind; the message says which.</exception>
    public static BytePairVocabulary Read(string path)
    {
        if (!File.Exists(path))
            throw new InputException(path, null, null, "no file", "the tokenizer.json of the model's folder");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return new TokenizerFile(path).Read(document.RootElement);
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new InputException(path, null, null, problem.Message, "a tokenizer.json as Hugging Face's tokenizers write it");
        }
    }

    private BytePairVocabulary Read(JsonElement root)
    {
        JsonElement model = root.GetProperty("model");
        Expect("model.type", TypeOf(model), "BPE: byte-level byte-pair encoding, as of GPT-2, Llama 3 and Qwen", "BPE", "nothing");
        Dictionary<string, int> ids = model.GetProperty("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32(), StringComparer.Ordinal);
        for (int value = 0; value < 256; value++)
        {
            if (!ids.ContainsKey(ByteLetters.Of((byte)value).ToString()))
                throw new InputException(_path, null, "model.vocab", $"no token for byte {value}", "a byte-level vocabulary, which has one for each; SentencePiece vocabularies (Llama 2, Mistral, Gemma) are not read here");
        }

        foreach (JsonElement step in StepsOf(Child(root, "normalizer"), "normalizers"))
            Expect("normalizer.type", TypeOf(step), "NFC or none", "NFC");
        JsonElement[] added = Child(root, "added_tokens") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];
        Dictionary<string, int> specials = added.ToDictionary(token => token.GetProperty("content").GetString()!, token => token.GetProperty("id").GetInt32(), StringComparer.Ordinal);
        foreach (JsonElement token in added)
        {
            if (IsTrue(token, "lstrip") || IsTrue(token, "rstrip") || IsTrue(token, "single_word"))
                throw new InputException(_path, null, "added_tokens", $"lstrip, rstrip or single_word of {token.GetProperty("content").GetString()}", "tokens that stand for themselves");
        }

        var bytes = new byte[ids.Values.Concat(specials.Values).Max() + 1][];
        Array.Fill(bytes, []);
        foreach ((string piece, int id) in ids)
            bytes[id] = ByteLetters.BytesOf(piece) ?? [];
        foreach (JsonElement token in added)
            bytes[token.GetProperty("id").GetInt32()] = IsTrue(token, "special") ? [] : Encoding.UTF8.GetBytes(token.GetProperty("content").GetString()!);
        return new BytePairVocabulary
        {
            Ids = ids,
            Merges = MergesOf(model, ids),
            Specials = specials,
            Bytes = bytes,
            WordExpressions = WordsOf(Child(root, "pre_tokenizer")),
            Prefix = PrefixOf(Child(root, "post_processor"), specials),
            WholeWordsFirst = IsTrue(model, "ignore_merges"),
        };
    }

    private Dictionary<(int, int), (int, int)> MergesOf(JsonElement model, Dictionary<string, int> ids)
    {
        Dictionary<(int, int), (int, int)> merges = [];
        foreach (JsonElement merge in model.GetProperty("merges").EnumerateArray())
        {
            // Written as "a b", since 2024 as ["a", "b"].
            string[] pair = merge.ValueKind == JsonValueKind.String ? merge.GetString()!.Split(' ') : [.. merge.EnumerateArray().Select(piece => piece.GetString()!)];
            if (pair.Length != 2 || !ids.TryGetValue(pair[0], out int left) || !ids.TryGetValue(pair[1], out int right) || !ids.TryGetValue(pair[0] + pair[1], out int whole))
                throw new InputException(_path, null, $"model.merges[{merges.Count}]", merge.GetRawText(), "two tokens of the vocabulary that make a third");
            merges.TryAdd((left, right), (merges.Count, whole));
        }

        return merges;
    }

    private List<Regex> WordsOf(JsonElement? preTokenizer)
    {
        List<Regex> expressions = [];
        bool isByteLevel = false;
        foreach (JsonElement step in StepsOf(preTokenizer, "pretokenizers"))
        {
            switch (TypeOf(step))
            {
                case "Split":
                    Expect("pre_tokenizer.behavior", step.GetProperty("behavior").GetString()!, "Isolated", "Isolated");
                    expressions.Add(Expression(Child(step.GetProperty("pattern"), "Regex")?.GetString() ?? throw new InputException(_path, null, "pre_tokenizer.pattern", "no Regex", "a regular expression")));
                    break;
                case "ByteLevel":
                    isByteLevel = true;
                    if (IsTrue(step, "add_prefix_space"))
                        throw new InputException(_path, null, "pre_tokenizer.add_prefix_space", "true", "false");
                    if (Child(step, "use_regex") is not { ValueKind: JsonValueKind.False })
                        expressions.Add(Expression(Gpt2Words));
                    break;
                case "Digits":
                    expressions.Add(Expression(IsTrue(step, "individual_digits") ? @"\p{N}" : @"\p{N}+"));
                    break;
                default:
                    throw new InputException(_path, null, "pre_tokenizer.type", TypeOf(step), "Split, Digits and ByteLevel, alone or in a Sequence");
            }
        }

        return isByteLevel ? expressions : throw new InputException(_path, null, "pre_tokenizer", "no ByteLevel", "byte-level byte-pair encoding");
    }

    /// <summary>Hugging Face's expressions are of another dialect, which has most in common with .NET's.</summary>
    private Regex Expression(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant);
        }
        catch (RegexParseException fault)
        {
            throw new InputException(_path, null, "pre_tokenizer.pattern", pattern, $"an expression that .NET can read; it says: {fault.Message}");
        }
    }

    /// <summary>The special tokens that a template puts before a text, such as Llama 3's begin of text.</summary>
    private List<int> PrefixOf(JsonElement? postProcessor, Dictionary<string, int> specials)
    {
        List<int> prefix = [];
        foreach (JsonElement step in StepsOf(postProcessor, "processors").Where(step => TypeOf(step) == "TemplateProcessing"))
        {
            foreach (JsonElement piece in step.GetProperty("single").EnumerateArray())
            {
                if (Child(piece, "SpecialToken")?.GetProperty("id").GetString() is not { } name)
                    break;
                prefix.Add(specials.TryGetValue(name, out int id) ? id : throw new InputException(_path, null, "post_processor", name, "a token that added_tokens lists"));
            }
        }

        return prefix;
    }

    private static IEnumerable<JsonElement> StepsOf(JsonElement? element, string list) =>
        element is not { } one ? [] : TypeOf(one) == "Sequence" ? one.GetProperty(list).EnumerateArray() : [one];

    private void Expect(string field, string found, string allowed, params string[] known)
    {
        if (!known.Contains(found))
            throw new InputException(_path, null, field, found, allowed);
    }

    private static JsonElement? Child(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement child) && child.ValueKind != JsonValueKind.Null ? child : null;

    private static string TypeOf(JsonElement? element) => element is { } one && one.TryGetProperty("type", out JsonElement type) ? type.GetString() ?? "nothing" : "nothing";

    private static bool IsTrue(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;
}
