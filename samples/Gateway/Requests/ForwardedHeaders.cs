using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway;

/// <summary>Which headers pass through a proxy: all but those that speak of one connection (RFC 9110, section 7.6.1).</summary>
internal static class ForwardedHeaders
{
    private static readonly HashSet<string> OfOneConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyAuthenticate, HeaderNames.ProxyAuthorization, "Proxy-Connection", HeaderNames.TE,
        HeaderNames.Trailer, HeaderNames.TransferEncoding, HeaderNames.Upgrade, HeaderNames.Host, HeaderNames.ContentLength, HeaderNames.Expect,
    };

    /// <summary>The request as it goes to an upstream.</summary>
    public static HttpRequestMessage Request(HttpRequest request, Uri address, ReadOnlyMemory<byte> body)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), address) { Content = new ReadOnlyMemoryContent(body) };
        foreach ((string name, StringValues values) in request.Headers)
        {
            // What is packed could not be read here.
            if (Passes(name, request.Headers.Connection) && !name.Equals(HeaderNames.AcceptEncoding, StringComparison.OrdinalIgnoreCase)
                && !message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                message.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return message;
    }

    /// <summary>Status and headers of the answer as they go to the client.</summary>
    public static void Answer(HttpResponseMessage answer, HttpResponse response)
    {
        response.StatusCode = (int)answer.StatusCode;
        StringValues connection = answer.Headers.TryGetValues(HeaderNames.Connection, out IEnumerable<string>? named) ? new([.. named]) : default;
        foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (Passes(name, connection) && values.All(IsPlain))
                response.Headers[name] = new([.. values]);
        }
    }

    /// <summary>Whether a server may send it; one that is not would fail the whole answer.</summary>
    private static bool IsPlain(string value) => value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    private static bool Passes(string name, StringValues connection) =>
        !OfOneConnection.Contains(name) && !connection.Any(list => list is not null && list.Split(',', StringSplitOptions.TrimEntries).Contains(name, StringComparer.OrdinalIgnoreCase));
}
