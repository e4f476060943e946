using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace LlmScheduling.Samples;

/// <summary>
/// Who may see the page: with a token, whoever shows it, as <c>?token=</c> or as bearer; without one, this machine only, under
/// a local name and not through a proxy, so that neither a public bind nor a page of another site reaches it.
/// </summary>
internal sealed class PageAccess(string? token)
{
    private readonly byte[]? _token = token is { Length: > 0 } ? Encoding.UTF8.GetBytes(token) : null;

    public bool Admits(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (_token is null)
        {
            return context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
                && !request.Headers.ContainsKey("X-Forwarded-For") && !request.Headers.ContainsKey("Forwarded")
                && (request.Host.Host == "localhost" || (IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out IPAddress? host) && IPAddress.IsLoopback(host)));
        }

        string authorization = request.Headers.Authorization.ToString();
        string shown = authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization["Bearer ".Length..] : request.Query["token"].ToString();
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown), _token);
    }
}
