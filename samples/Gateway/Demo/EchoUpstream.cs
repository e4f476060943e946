using System.Text.Json;

namespace Gateway;

/// <summary>Stands for vLLM: answers every chat by a stream of four words, one after the other, and dies when told to.</summary>
internal sealed class EchoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile bool _isDead;

    private EchoUpstream(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public static async Task<EchoUpstream> StartAsync(string name)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var upstream = new EchoUpstream(app);
        app.MapGet("/health", () => upstream._isDead ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Results.Ok());
        app.MapGet("/v1/models", () => Results.Json(new { @object = "list", data = new[] { new { id = "echo", @object = "model", owned_by = "demo" } } }));
        app.MapPost("/v1/chat/completions", context => upstream.AnswerAsync(context, name));
        await app.StartAsync();
        return upstream;
    }

    /// <summary>From now on it cuts every connection before it answers.</summary>
    public void Die() => _isDead = true;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, string name)
    {
        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (_isDead)
        {
            context.Abort();
            return;
        }

        context.Response.ContentType = "text/event-stream";
        int priority = body.RootElement.TryGetProperty("priority", out JsonElement written) ? written.GetInt32() : 0;
        foreach (string word in new[] { "answered", "by", name, $"at priority {priority}" })
        {
            string part = JsonSerializer.Serialize(new { choices = new[] { new { index = 0, delta = new { content = word + " " } } } });
            await context.Response.WriteAsync($"data: {part}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(TimeSpan.FromMilliseconds(20), context.RequestAborted);
        }

        await context.Response.WriteAsync("data: [DONE]\n\n", context.RequestAborted);
    }
}
