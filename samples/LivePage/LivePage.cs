using System.Net.Mime;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LlmScheduling.Samples;

/// <summary>Serves the page at <c>/scheduler</c>, its state, the same as events twice a second, and the switch.</summary>
internal sealed class LivePage(LiveView view, PageAccess access, CancellationToken stopping)
{
    private const int MostWatchers = 16;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly byte[] Page = Read();

    private int _watchers;

    /// <summary>Maps the page's endpoints.</summary>
    public void MapTo(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/scheduler");
        group.AddEndpointFilter(async (call, next) => access.Admits(call.HttpContext)
            ? await next(call)
            : Results.Text("This page is for this machine only, or for whoever shows its token.", statusCode: StatusCodes.Status403Forbidden));
        group.MapGet("", ShowAsync);
        group.MapGet("/state", (Delegate)TellAsync);
        group.MapGet("/events", (Delegate)StreamAsync);
        group.MapPost("/stack", Switch);
    }

    private static async Task ShowAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'";
        await context.Response.Body.WriteAsync(Page, context.RequestAborted);
    }

    /// <summary>The state as of now; where nobody has looked, that takes a decision, or half a second without one.</summary>
    private async Task<IResult> TellAsync(HttpContext context)
    {
        using IDisposable look = view.Look();
        if (!view.HasSeen)
            await Task.Delay(Interval, context.RequestAborted);
        return Results.Json(view.State(), Json);
    }

    private async Task<IResult> StreamAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _watchers) > MostWatchers)
        {
            Interlocked.Decrement(ref _watchers);
            return Results.Text("Too many look at the page already.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        try
        {
            using IDisposable look = view.Look();
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            context.Response.ContentType = MediaTypeNames.Text.EventStream;
            context.Response.Headers.CacheControl = "no-store";
            while (!end.IsCancellationRequested)
            {
                await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(view.State(), Json)}\n\n", end.Token);
                await context.Response.Body.FlushAsync(end.Token);
                await Task.Delay(Interval, end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher left, or the server stops.
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }

        return Results.Empty;
    }

    /// <summary>Takes JSON only: a form of another site cannot send it.</summary>
    private IResult Switch(SwitchRequest asked)
    {
        if (!view.Control.Names.Contains(asked.Stack, StringComparer.Ordinal))
            return Results.Json(new { error = $"There is no stack '{asked.Stack}'; there are {string.Join(", ", view.Control.Names)}." }, Json, statusCode: StatusCodes.Status400BadRequest);
        view.Control.Use(asked.Stack!);
        return Results.Json(new { stack = view.Control.InForce() }, Json);
    }

    private static byte[] Read()
    {
        using Stream stream = typeof(LivePage).Assembly.GetManifestResourceStream("LivePage.page.html")
            ?? throw new InvalidOperationException("The page is not embedded; the project lacks <EmbeddedResource Include=\"../LivePage/page.html\" LogicalName=\"LivePage.page.html\" />.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The body of a switch.</summary>
    private sealed record SwitchRequest(string? Stack);
}
