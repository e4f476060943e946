using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests;

/// <summary>A request that has come to a fake upstream, which the test answers.</summary>
internal sealed class Arrival
{
    public const string Done = "data: [DONE]\n\n";

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Arrival(HttpContext context, byte[] body)
    {
        (Context, Body) = (context, body);
        Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Target = context.Request.Path + context.Request.QueryString;
        context.RequestAborted.Register(_gone.SetResult);
    }

    public HttpContext Context { get; }

    public byte[] Body { get; }

    public Dictionary<string, string> Headers { get; }

    public string Target { get; }

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Completes when the gateway has given it up.</summary>
    public Task Gone => _gone.Task.WaitAsync(GatewayRig.Patience);

    public Task Ended => _ended.Task;

    public static string Word(string word) => $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}}}}]}}\n\n";

    public Task SendAsync(string part) => SendAsync(Encoding.UTF8.GetBytes(part));

    public async Task SendAsync(byte[] part)
    {
        Context.Response.ContentType ??= "text/event-stream; charset=utf-8";
        await Context.Response.Body.WriteAsync(part);
        await Context.Response.Body.FlushAsync();
    }

    /// <summary>Ends the answer as HTTP wants it.</summary>
    public void End() => _ended.SetResult();

    /// <summary>Cuts the connection.</summary>
    public void Die()
    {
        Context.Abort();
        End();
    }

    public async Task StreamAsync(params string[] words)
    {
        foreach (string word in words)
            await SendAsync(Word(word));
        await SendAsync(Done);
        End();
    }

    public async Task AnswerAsync(int status, string type, string body)
    {
        (Context.Response.StatusCode, Context.Response.ContentType) = (status, type);
        await Context.Response.WriteAsync(body);
        End();
    }
}
