using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Gateway;

/// <summary>Sends requests to upstreams as they are: nothing is followed, unpacked, remembered or retried here.</summary>
internal sealed class UpstreamClient(GatewayOptions options) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = options.ConnectTimeout,
        // As the server has read them: a client's header must not look like a fault of the upstream's.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        // Python's servers close an idle connection after 5 s; one of theirs must not be taken just then.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
    });

    private readonly AuthenticationHeaderValue? _key = options.ApiKey is { } key ? new("Bearer", key) : null;

    /// <summary>Returns when the answer's headers are there.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        if (_key is not null)
            message.Headers.Authorization = _key;
        return _invoker.SendAsync(message, cancellationToken);
    }

    public void Dispose() => _invoker.Dispose();
}
