using System.Text.Json;

namespace ModelServerTests;

/// <summary>Reads the events of a streamed answer; one that goes on without what a test waits for ends that test.</summary>
internal sealed class EventStream(Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream);
    private readonly CancellationTokenSource _patience = new(ServerRig.Patience);

    public static async Task<EventStream> OfAsync(HttpResponseMessage response) => new(await response.Content.ReadAsStreamAsync());

    /// <summary>The next event's data; null at the end.</summary>
    public async Task<string?> NextAsync()
    {
        while (await _reader.ReadLineAsync(_patience.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return line[6..];
        }

        return null;
    }

    /// <summary>The text of the next piece that has some.</summary>
    public async Task<string> NextTextAsync()
    {
        while (await NextAsync() is { } data)
        {
            JsonElement choice = JsonDocument.Parse(data).RootElement.GetProperty("choices")[0];
            string? text = choice.TryGetProperty("delta", out JsonElement delta) && delta.TryGetProperty("content", out JsonElement content) ? content.GetString() : null;
            if (text is { Length: > 0 })
                return text;
        }

        throw new EndOfStreamException("The stream ended without another piece of text.");
    }

    /// <summary>All that is left.</summary>
    public async Task<List<string>> RestAsync()
    {
        List<string> rest = [];
        while (await NextAsync() is { } data)
            rest.Add(data);
        return rest;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _patience.Dispose();
    }
}
