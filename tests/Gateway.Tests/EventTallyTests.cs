using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LlmScheduling;

namespace Gateway.Tests;

public sealed class EventTallyTests
{
    private const string Role = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";

    [Fact]
    public void Read_OfAWholeStream_CountsEventsWithOutput()
    {
        EventTally tally = Reading(out int tokens, Role + Arrival.Word("a") + Arrival.Word("b") + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n" + Arrival.Done);

        Assert.Equal((2, true, FinishReason.Length), (tokens, tally.IsDone, tally.Finish));
    }

    [Fact]
    public void Read_WithUsage_CountsWhatTheServerTells()
    {
        Reading(out int tokens, Arrival.Word("a") + "data: {\"choices\":[],\"usage\":{\"completion_tokens\":5}}\n\n" + Arrival.Done);

        Assert.Equal(5, tokens);
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{\"}}]}}]}\n\n", 1)]
    [InlineData("data: {\"choices\":[{\"text\":\"hi\"}]}\n\n", 1)]
    [InlineData(": ping\n\nevent: x\nid: 3\n\n", 0)]
    [InlineData("data: nonsense\n\ndata: []\n\ndata:\n\n", 0)]
    public void Read_OfEachKind_CountsOutputOnly(string stream, int expected)
    {
        EventTally tally = Reading(out int tokens, stream);

        Assert.Equal((expected, false), (tokens, tally.IsDone));
    }

    [Fact]
    public void Read_OfAnError_Fails()
    {
        EventTally tally = Reading(out _, Arrival.Word("a") + "data: {\"error\":{\"message\":\"out of memory\"}}\n\n" + Arrival.Done);

        Assert.Equal((true, FinishReason.Failed), (tally.IsDone, tally.Finish));
    }

    [Fact]
    public void Read_OfALineThatNeverEnds_KeepsNoMoreThanItMust()
    {
        EventTally tally = Reading(out int tokens, [.. Enumerable.Repeat(new string('x', 50_000), 20), "\n", Arrival.Word("a"), "data: [DONE]"]);

        Assert.Equal((2, true), (tokens, tally.IsDone));
    }

    [Fact]
    public void Read_HoweverTheStreamIsCut_FindsTheSame()
    {
        byte[] stream = Encoding.UTF8.GetBytes(Role.ReplaceLineEndings("\r\n") + Arrival.Word("é") + ": x\n" + Arrival.Word("b") + "data: {\"usage\":{\"completion_tokens\":7}}\n\ndata:[DONE]");
        Prop.ForAll(Gen.Choose(0, stream.Length).ListOf().ToArbitrary(), cuts =>
        {
            var tally = new EventTally();
            int from = 0, tokens = 0;
            foreach (int cut in cuts.Order().Append(stream.Length))
            {
                tokens += tally.Read(stream.AsSpan(from, cut - from));
                from = cut;
            }

            tokens += tally.End();
            Assert.Equal((7, true, FinishReason.Stop), (tokens, tally.IsDone, tally.Finish));
        }).QuickCheckThrowOnFailure();
    }

    private static EventTally Reading(out int tokens, params string[] parts)
    {
        var tally = new EventTally();
        tokens = 0;
        foreach (string part in parts)
            tokens += tally.Read(Encoding.UTF8.GetBytes(part));
        tokens += tally.End();
        return tally;
    }
}
