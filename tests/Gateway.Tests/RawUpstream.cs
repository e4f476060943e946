using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests;

/// <summary>A server that is well by its own account, and answers every POST by the same bytes and the end of the connection.</summary>
internal sealed class RawUpstream : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _answer;

    public RawUpstream(string answer)
    {
        _answer = Encoding.Latin1.GetBytes(answer);
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // It was disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
            byte[] head = new byte[64 * 1024];
            int read = await stream.ReadAsync(head);
            bool isPost = read > 4 && Encoding.Latin1.GetString(head, 0, 4) == "POST";
            await stream.WriteAsync(isPost ? _answer : Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"));

            // What the client has sent must be read, or closing would throw away what it has not read yet.
            client.Client.Shutdown(SocketShutdown.Send);
            while (await stream.ReadAsync(head) > 0)
            {
            }
        }
    }
}
