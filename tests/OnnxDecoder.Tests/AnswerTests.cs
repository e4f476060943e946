using System.Text.Json;

namespace OnnxDecoder.Tests;

public sealed class AnswerTests
{
    private static readonly string[] Prompts = ["hello world and the rest", "x", "Zwölf Boxkämpfer jagen Viktor", "in 1984, the 東京 trains ran\n\n  on time.", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "def f(x):\n    return x + 1\n"];

    public static TheoryData<string> Shapes => ["plain", "counts positions", "scores the last token only", "Float16", "takes no padding", "takes one sequence", "GroupQueryAttention", "no grouped heads"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Answers_GivenTogether_AreThoseOfTheModelAlone(string kind)
    {
        DecoderShape shape = Shape(kind);
        await using DecoderRig rig = await DecoderRig.StartAsync(shape);
        Task<SeenAnswer>[] whole = [.. Prompts.Select(prompt => rig.AskAsync(DecoderRig.Completion(prompt, 24)))];
        Task<SeenAnswer>[] streamed = [.. Prompts.Select((prompt, i) => rig.StreamAsync(DecoderRig.Completion(prompt, 10 + 7 * i, stream: true)))];
        await Task.WhenAll([.. whole, .. streamed]);
        for (int i = 0; i < Prompts.Length; i++)
        {
            Assert.Equal(Expected(rig, Prompts[i], 24), await whole[i]);
            Assert.Equal(Expected(rig, Prompts[i], 10 + 7 * i), await streamed[i]);
        }

        await DecoderRig.UntilAsync(() => rig.Engine.FreeKvBlocks == rig.Engine.Capacity.KvTotalBlocks);
    }

    [Fact]
    public async Task Stop_AcrossTokens_EndsBeforeIt()
    {
        await using DecoderRig rig = await DecoderRig.StartAsync();
        SeenAnswer all = Expected(rig, Prompts[0], 32);
        // Three characters from the middle of the answer, which are three tokens or more.
        string stop = all.Text.Substring(all.Text.Length / 2, 3);
        int at = all.Text.IndexOf(stop, StringComparison.Ordinal);
        foreach (SeenAnswer cut in new[] { await rig.AskAsync(DecoderRig.Completion(Prompts[0], 32, stop: stop)), await rig.StreamAsync(DecoderRig.Completion(Prompts[0], 32, stream: true, stop: new[] { "never said", stop })) })
        {
            Assert.Equal((all.Text[..at], "stop"), (cut.Text, cut.Finish));
            Assert.True(cut.CompletionTokens < all.CompletionTokens);
        }
    }

    [Fact]
    public async Task Chat_IsWrittenInTheVocabularysMarks_AndEndsWithThem()
    {
        await using DecoderRig rig = await DecoderRig.StartAsync();
        string prompt = "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n";
        string body = """{"model": "tiny", "temperature": 0, "max_tokens": 12, "messages": [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "hello"}]}""";
        using HttpResponseMessage response = await rig.Client.PostAsync("/v1/chat/completions", new StringContent(body));
        JsonElement root = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        SeenAnswer expected = Expected(rig, prompt, 12);
        Assert.Equal(expected.Text, root.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(expected.PromptTokens, root.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Context_ThatIsFull_EndsTheAnswerByLength()
    {
        await using DecoderRig rig = await DecoderRig.StartAsync(change: options => options with { Context = 20 });
        string prompt = "hello world";
        SeenAnswer answer = await rig.AskAsync(JsonSerializer.Serialize(new { model = "tiny", prompt, temperature = 0 }));
        Assert.Equal(Expected(rig, prompt, 20 - answer.PromptTokens), answer);
        Assert.Equal("length", answer.Finish);
        using HttpResponseMessage refused = await rig.PostAsync(DecoderRig.Completion(prompt, 19));
        Assert.Contains("context_length_exceeded", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seed_GivesTheSameAnswerAgain_WhoeverIsServedBeside()
    {
        await using DecoderRig rig = await DecoderRig.StartAsync();
        string body = DecoderRig.Completion(Prompts[0], 30, temperature: 1.2, seed: 7);
        SeenAnswer alone = await rig.AskAsync(body);
        SeenAnswer[] beside = await Task.WhenAll(Prompts.Select(prompt => rig.AskAsync(DecoderRig.Completion(prompt, 30, temperature: 1))).Append(rig.AskAsync(body)));
        Assert.Equal(alone, beside[^1]);
        SeenAnswer other = await rig.AskAsync(DecoderRig.Completion(Prompts[0], 30, temperature: 1.2, seed: 8));
        Assert.NotEqual(alone.Text, other.Text);
    }

    private static SeenAnswer Expected(DecoderRig rig, string prompt, int maxTokens)
    {
        (string text, int promptTokens, List<int> tokens) = rig.Model.Answer(prompt, maxTokens);
        bool isEnd = tokens[^1] is TinyTokenizer.EndOfText or TinyTokenizer.MessageEnd;
        return new SeenAnswer(text, isEnd ? "stop" : "length", promptTokens, tokens.Count);
    }

    private static DecoderShape Shape(string kind) => kind switch
    {
        "counts positions" => new() { HasPositions = false },
        "scores the last token only" => new() { HasLogitsToKeep = true },
        // Of the first forty seeds the one whose best two scores are furthest apart, for the rounding of other machines.
        "Float16" => new() { Type = OnnxType.Half, Seed = 29 },
        "takes no padding" => new() { SeesPadding = true },
        "takes one sequence" => new() { IsForOne = true },
        "GroupQueryAttention" => new() { IsFused = true },
        "no grouped heads" => new() { KvHeads = 4, Layers = 1 },
        _ => new(),
    };
}
