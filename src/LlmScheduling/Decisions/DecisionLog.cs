using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace LlmScheduling;

/// <summary>
/// Records what one <see cref="BatchScheduler"/> was told and what it decided, as JSON lines (docs/decision-log.md); give it to
/// <see cref="SchedulerServices.DecisionLog"/>.
/// </summary>
/// <remarks>
/// The engine's thread formats a line and leaves it to a background writer; it never waits for the stream. When the writer lags
/// behind by <see cref="DecisionLogOptions.MaxPendingLines"/>, whole lines are dropped and counted, and the numbers of the lines
/// show where. Holds tenants, traffic classes and token counts, never prompts. Dispose it after its scheduler: that writes what
/// is pending and an end line.
/// </remarks>
public sealed class DecisionLog : IDisposable, IAsyncDisposable
{
    private const int BlockBytes = 64 * 1024;

    private readonly Channel<DecisionLine> _lines;
    private readonly Lock _order = new();
    private readonly Stack<byte[]> _free = new();
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly byte[] _block = new byte[BlockBytes];
    private readonly Task _writing;
    private int _filled;
    private int _linesInBlock;
    private long _number;
    private long _dropped;
    private bool _isTaken;
    private volatile bool _isClosed;
    private volatile Exception? _fault;

    /// <summary>Creates a log that writes to <paramref name="stream"/>, and disposes it at the end unless told otherwise.</summary>
    /// <exception cref="ArgumentException">The stream cannot be written to, or an option is out of range.</exception>
    public DecisionLog(Stream stream, DecisionLogOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new DecisionLogOptions();
        if (!stream.CanWrite)
            throw new ArgumentException("The stream of a decision log must be writable.", nameof(stream));
        if (options.MaxPendingLines < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.MaxPendingLines, "DecisionLogOptions.MaxPendingLines must be 1 or more.");
        (_stream, _leaveOpen) = (stream, options.LeaveOpen);
        _lines = Channel.CreateBounded<DecisionLine>(new BoundedChannelOptions(options.MaxPendingLines) { SingleReader = true });
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Lines that were dropped, because the writer lagged or the stream failed. Any thread.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>What the stream threw: nothing is written after it, and all further lines are dropped. Null when all is well. Any thread.</summary>
    public Exception? Fault => _fault;

    /// <summary>Waits until everything pending is written; the same as <see cref="DisposeAsync"/>.</summary>
    public void Dispose()
    {
        Close();
        _writing.GetAwaiter().GetResult();
    }

    /// <summary>Accepts no more lines, writes what is pending and an end line, and closes the stream. Never throws for the stream's sake: see <see cref="Fault"/>. Any number of times.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _writing.ConfigureAwait(false);
    }

    /// <summary>Binds the log to one scheduler.</summary>
    /// <exception cref="InvalidOperationException">It records another scheduler, or is disposed.</exception>
    internal void Take()
    {
        lock (_order)
        {
            if (_isTaken || _isClosed)
                throw new InvalidOperationException(_isClosed ? "The decision log is disposed." : "The decision log already records another scheduler; each needs its own.");
            _isTaken = true;
        }
    }

    /// <summary>Hands over a line; returns the buffer for the next one, the same when the line was dropped. Any thread; never waits for the stream.</summary>
    internal byte[] Append(byte[] buffer, int length)
    {
        lock (_order)
        {
            if (_isClosed)
                return buffer;
            _number++;
            if (_fault is null && _lines.Writer.TryWrite(new DecisionLine(_number, buffer, length)))
                return _free.TryPop(out byte[]? free) ? free : new byte[buffer.Length];
            Interlocked.Increment(ref _dropped);
            return buffer;
        }
    }

    private void Free(byte[] buffer)
    {
        lock (_order)
            _free.Push(buffer);
    }

    private void Close()
    {
        lock (_order)
            _isClosed = true;
        _lines.Writer.TryComplete();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (await _lines.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (_lines.Reader.TryRead(out DecisionLine line))
                    await PutAsync(line).ConfigureAwait(false);
                await FlushAsync().ConfigureAwait(false);
            }

            string end = string.Create(CultureInfo.InvariantCulture, $"{{\"kind\":\"end\",\"dropped\":{Dropped}}}");
            await PutAsync(new DecisionLine(_number + 1, Encoding.ASCII.GetBytes(end), end.Length)).ConfigureAwait(false);
            await FlushAsync().ConfigureAwait(false);
            if (!_leaveOpen)
                await _stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // A full disk or a broken pipe must not reach the engine; the log ends here and says so.
            _fault = fault;
            Interlocked.Add(ref _dropped, _linesInBlock);
            await DropPendingAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask PutAsync(DecisionLine line)
    {
        const int Frame = 32;
        if (line.Length + Frame > BlockBytes - _filled)
            await WriteBlockAsync().ConfigureAwait(false);
        _linesInBlock++;
        "{\"n\":"u8.CopyTo(_block.AsSpan(_filled));
        _filled += 5;
        Utf8Formatter.TryFormat(line.Number, _block.AsSpan(_filled), out int digits);
        _filled += digits;
        _block[_filled++] = (byte)',';
        int from = 1;
        while (line.Length - from > BlockBytes - _filled - 1)
        {
            int part = BlockBytes - _filled;
            line.Buffer.AsSpan(from, part).CopyTo(_block.AsSpan(_filled));
            (_filled, from) = (BlockBytes, from + part);
            await _stream.WriteAsync(_block.AsMemory(0, _filled)).ConfigureAwait(false);
            _filled = 0;
        }

        line.Buffer.AsSpan(from, line.Length - from).CopyTo(_block.AsSpan(_filled));
        _filled += line.Length - from;
        _block[_filled++] = (byte)'\n';
        Free(line.Buffer);
    }

    private async ValueTask FlushAsync()
    {
        await WriteBlockAsync().ConfigureAwait(false);
        await _stream.FlushAsync().ConfigureAwait(false);
    }

    private async ValueTask WriteBlockAsync()
    {
        if (_filled == 0)
            return;
        await _stream.WriteAsync(_block.AsMemory(0, _filled)).ConfigureAwait(false);
        _filled = _linesInBlock = 0;
    }

    private async Task DropPendingAsync()
    {
        while (await _lines.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_lines.Reader.TryRead(out DecisionLine line))
            {
                Interlocked.Increment(ref _dropped);
                Free(line.Buffer);
            }
        }
    }
}
