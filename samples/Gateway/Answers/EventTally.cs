using System.Buffers;
using LlmScheduling;

namespace Gateway;

/// <summary>Reads along a stream of server-sent events as it passes: how many tokens came, and whether it ended as it should.</summary>
internal sealed class EventTally
{
    private const int LongestLine = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _begun = new();
    private bool _isTooLong;
    private int _tokens;

    /// <summary>Whether <c>[DONE]</c> came, without which no answer is whole.</summary>
    public bool IsDone { get; private set; }

    /// <summary>How it ended.</summary>
    public FinishReason Finish { get; private set; } = FinishReason.Stop;

    /// <summary>Reads what came, however it is cut, and returns how many tokens it added: one per event with output, corrected by the usage that the server tells.</summary>
    public int Read(ReadOnlySpan<byte> bytes)
    {
        int before = _tokens;
        for (int end = bytes.IndexOf((byte)'\n'); end >= 0; end = bytes.IndexOf((byte)'\n'))
        {
            if (_begun.WrittenCount == 0 && !_isTooLong)
            {
                ReadLine(bytes[..end]);
            }
            else
            {
                Begin(bytes[..end]);
                EndLine();
            }

            bytes = bytes[(end + 1)..];
        }

        Begin(bytes);
        return _tokens - before;
    }

    /// <summary>Reads a last line that no line feed ended.</summary>
    public int End()
    {
        int before = _tokens;
        EndLine();
        return _tokens - before;
    }

    private void Begin(ReadOnlySpan<byte> bytes)
    {
        _isTooLong |= _begun.WrittenCount + bytes.Length > LongestLine;
        if (!_isTooLong)
            _begun.Write(bytes);
    }

    private void EndLine()
    {
        if (_isTooLong)
            _tokens++;
        else
            ReadLine(_begun.WrittenSpan);
        _begun.ResetWrittenCount();
        _isTooLong = false;
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("data:"u8))
            return;
        ReadOnlySpan<byte> data = line["data:"u8.Length..].Trim(" \r"u8);
        if (data.SequenceEqual("[DONE]"u8))
            IsDone = true;
        else if (AnswerPart.Read(data) is { } part)
            Add(part);
    }

    private void Add(AnswerPart part)
    {
        if (part.HasText)
            _tokens++;
        if (part.OutputTokens is { } told)
            _tokens = Math.Max(_tokens, told);
        if (part.IsError)
            Finish = FinishReason.Failed;
        else if (part.Finish != FinishReason.None && Finish != FinishReason.Failed)
            Finish = part.Finish;
    }
}
