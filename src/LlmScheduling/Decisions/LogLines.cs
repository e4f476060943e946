namespace LlmScheduling;

/// <summary>Splits a stream into lines without holding more than one; a last line that nothing ends is an error. Not thread-safe.</summary>
internal sealed class LogLines(Stream stream, string source)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>Number of the line that was read last, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The next line without its end, valid until the next call; null after the last.</summary>
    /// <exception cref="InputException">The stream ends in the middle of a line.</exception>
    public ReadOnlyMemory<byte>? Next()
    {
        int seen = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + seen, _end - _start - seen).IndexOf((byte)'\n');
            if (length >= 0)
            {
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, seen + length);
                _start += seen + length + 1;
                Line++;
                return line;
            }

            seen = _end - _start;
            if (Fill())
                continue;
            if (seen == 0)
                return null;
            throw new InputException(source, Line + 1, null, $"{seen} bytes without an end of line", "whole lines; the log was cut off here");
        }
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
