using System.Text;
using System.Text.Json;

namespace LlmScheduling.Cuda.Tests;

/// <summary>A small BERT that was trained from random weights, once, when the first test asks, which has to skip itself where nothing can train.</summary>
public sealed class TrainedModel : IDisposable
{
    /// <summary>Text that tokenizers are known to differ in, and halves of it.</summary>
    public static readonly string[] Nasty =
    [
        "", " ", "[CLS] [SEP] [MASK] ##s", "Ünïcödé ÀÉÎ İstanbul ĲSSEL ŁÓDŹ", "ΑΣ ὈΔΥΣΣΕΎΣ ς", "東京の天気 ハンカク 한국어 텍스트", "हिन्दी ตัวอย่าง العَرَبِيَّة עִבְרִית", "👩‍👩‍👧 🇩🇪 😀!", "a\u00a0b\u3000c\u2028d\u0085e\tf\r\ng",
        "x\u200by\u00adz\ufeffw\u0000v\ufffdu", "don't—stop…«now»¿ok? $5+3=8 ^_^ `x` |y| ~z~", "ﬁne ½ ② Ⅷ ㎏ ℌ", "e\u0301 \u0301 a\u0323\u0302", "\u037e;\u1fef`\u2000", "𝔘𝔫𝔦 𐐀𐐨 𠀀𪜀", new string('a', 100) + " " + new string('b', 101),
        string.Concat(Enumerable.Repeat("Write a story about rain. ", 60)), "\u1100\u1161\u11a8 각 갂", "ﷺ Ǆ ǅ ẞ ß K Å", "a.b,c;d:e!f?g(h)i[j]k{l}m\"n'o/p\\q@r#s%t&u*v",
    ];

    private readonly Lazy<(TrainingScript Script, JsonElement Result)> _trained = new(Train);

    /// <summary>What the script printed.</summary>
    public JsonElement Result => _trained.Value.Result;

    public string Model => _trained.Value.Script.At("models/chat/ranker.onnx");

    public string Vocabulary => _trained.Value.Script.At("models/chat/vocab.txt");

    /// <summary>The prompts that the script scored: 90 like those of the log, then the nasty ones.</summary>
    public static string[] Scored => [.. Enumerable.Range(1_000, 90).Select(StoryLog.Prompt), .. Nasty];

    public void Dispose()
    {
        if (_trained.IsValueCreated)
            _trained.Value.Script.Dispose();
    }

    private static (TrainingScript Script, JsonElement Result) Train()
    {
        var script = new TrainingScript();
        File.WriteAllText(script.At("log.jsonl"), StoryLog.Lines(0, 300));
        File.WriteAllText(script.At("new.jsonl"), StoryLog.Lines(1_000, 1_090));
        File.WriteAllText(script.At("score.jsonl"), string.Concat(Scored.Select(text => StoryLog.Line(text, 0))));
        File.WriteAllText(script.At("vocab.txt"), new Vocabulary([.. Pieces()]).Text);
        return (script, script.Train(
            "--data", "log.jsonl", "--finish-field", "finish", "--dev", "new.jsonl", "--score", "score.jsonl", "--out", "models/chat",
            "--vocab", "vocab.txt", "--layers", "2", "--width", "64", "--batch", "32", "--pairs", "3", "--epochs", "2"));
    }

    /// <summary>Words of the log, and whatever characters the texts can leave, alone and within words.</summary>
    private static IEnumerable<string> Pieces()
    {
        string[] words = [.. Enumerable.Range(0, 200).SelectMany(i => StoryLog.Prompt(i).ToLowerInvariant().Split(' ', ',', '.')).Where(word => word.Length > 1).Distinct()];
        string[] letters = [.. Scored.SelectMany(text => (text + text.ToLowerInvariant()).Normalize(NormalizationForm.FormD).EnumerateRunes()).Distinct().Where(letter => !Rune.IsWhiteSpace(letter)).Select(letter => letter.ToString())];
        return words.Concat(letters).Concat(letters.Select(letter => "##" + letter));
    }
}
