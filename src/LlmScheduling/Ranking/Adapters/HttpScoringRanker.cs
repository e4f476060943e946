using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace LlmScheduling;

/// <summary>
/// Scores requests by an HTTP service in the shape of the predictor server of PARS (arXiv 2510.03243): it posts
/// <c>{"prompts": ["...", "..."]}</c> and reads <c>{"scores": [0.18, 0.73]}</c>, a number for every prompt, higher for longer answers.
/// </summary>
/// <remarks>
/// A score that is null or not finite leaves its request unranked. Whatever else goes wrong (no connection, a status other than
/// success, a timeout, no JSON, another number of scores) is one <see cref="HttpRequestException"/> that says what; a scheduler then
/// serves those requests unranked and loses none. Other fields of the answer are not read. The client is the caller's, with its address, headers
/// and retries. Any thread.
/// </remarks>
public sealed class HttpScoringRanker : IRequestRanker
{
    private const int LeastMostBytes = 1 << 20;

    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly int _maxBatch;
    private readonly int _maxCharacters;

    /// <summary>Asks the service at <paramref name="address"/>.</summary>
    /// <param name="client">Sends the requests; not disposed here.</param>
    /// <param name="address">Such as <c>http://ranker:8000/score_batch</c>; relative to the client's base address when it has one.</param>
    /// <param name="options">How to ask; copied. Null: the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="address"/> is relative and the client has no base address.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public HttpScoringRanker(HttpClient client, Uri address, HttpScoringRankerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri && client.BaseAddress is null)
            throw new ArgumentException($"The address {address} is relative, and the client has no base address.", nameof(address));
        options ??= new HttpScoringRankerOptions();
        options.Validate();
        (_client, _address, _timeout, _time) = (client, address, options.Timeout, options.TimeProvider);
        (_maxBatch, _maxCharacters) = (options.MaxBatch, options.MaxPromptCharacters);
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The service gave no scores; the message says why.</exception>
    public async ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
    {
        for (int from = 0; from < requests.Length; from += _maxBatch)
        {
            int count = Math.Min(_maxBatch, requests.Length - from);
            await ScoreAsync(requests.Slice(from, count), scores.Slice(from, count), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ScoreAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
    {
        byte[] body = BodyOf(requests.Span);
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(body) };
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using HttpResponseMessage response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw Failed($"status {(int)response.StatusCode}");
            byte[] answer = await AnswerOf(response, body.Length, either.Token).ConfigureAwait(false);
            ReadScores(answer, scores.Span);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(Unanswered(fault, timeout.IsCancellationRequested));
        }
        catch (IOException fault)
        {
            throw Failed(fault.Message);
        }
    }

    private byte[] BodyOf(ReadOnlySpan<RankingInput> requests)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteStartArray("prompts");
        foreach (ref readonly RankingInput request in requests)
        {
            // Through UTF-8, so that half a character becomes a replacement character and no error.
            ReadOnlySpan<char> prompt = request.Prompt.Span;
            json.WriteStringValue(Encoding.UTF8.GetBytes(prompt[..Math.Min(prompt.Length, _maxCharacters)].ToArray()));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenSpan.ToArray();
    }

    /// <summary>The answer, which may repeat the prompts, up to a bound: a service that never stops sending must not fill the memory.</summary>
    private async Task<byte[]> AnswerOf(HttpResponseMessage response, int sent, CancellationToken cancellationToken)
    {
        long most = LeastMostBytes + 8L * sent;
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var answer = new MemoryStream();
        byte[] part = new byte[1 << 14];
        int read;
        while ((read = await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false)) > 0)
        {
            answer.Write(part, 0, read);
            if (answer.Length > most)
                throw Failed($"an answer of more than {most} bytes");
        }

        return answer.ToArray();
    }

    private void ReadScores(byte[] answer, Span<float> scores)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("scores", out JsonElement array) || array.ValueKind != JsonValueKind.Array)
                throw Failed("an answer without an array named scores");
            if (array.GetArrayLength() != scores.Length)
                throw Failed($"{array.GetArrayLength()} scores for {scores.Length} prompts");
            for (int i = 0; i < scores.Length; i++)
                scores[i] = ScoreOf(array[i]);
        }
        catch (JsonException)
        {
            throw Failed("an answer that is no JSON");
        }
    }

    private float ScoreOf(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Null)
            return float.NaN;
        if (element.ValueKind != JsonValueKind.Number)
            throw Failed("a score that is no number");
        float score = element.TryGetSingle(out float value) ? value : float.NaN;
        return float.IsFinite(score) ? score : float.NaN;
    }

    private string Unanswered(OperationCanceledException fault, bool isOwnTimeout)
    {
        if (isOwnTimeout)
            return FormattableString.Invariant($"no answer within {_timeout.TotalSeconds:0.###} s");
        // So the client says that it was its own timeout; without that somebody cancelled what it was waiting for.
        return fault.InnerException is TimeoutException
            ? FormattableString.Invariant($"no answer within the {_client.Timeout.TotalSeconds:0.###} s of the HTTP client's own timeout")
            : "the HTTP client cancelled the request";
    }

    private HttpRequestException Failed(string found) => new($"Scoring service {_address}: {found}.");
}
