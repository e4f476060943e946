using System.Text.Json;

namespace Gateway;

/// <summary>Asks every upstream whether it is well: at the start, from time to time, and when a request has failed there.</summary>
/// <remarks>One that says it is well and fails request after request is asked ever later, so that it does not draw the whole queue to itself.</remarks>
internal sealed class UpstreamProbe(UpstreamFleet fleet, UpstreamClient client, GatewayOptions options, TimeProvider clock) : BackgroundService
{
    private const int FailuresForgiven = 2, MostDoublings = 4, MostModelBytes = 1 << 20;

    private static readonly TaskCompletionSource Never = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(fleet.All.Select(upstream => WatchAsync(upstream, stoppingToken)));

    private async Task WatchAsync(Upstream upstream, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            upstream.BeginProbe();
            fleet.Found(upstream, await IllnessAsync(upstream, stopping));
            await WaitAsync(upstream.Suspected, options.ProbeInterval, stopping);
            if (upstream.Suspected.IsCompleted && upstream.Failures > FailuresForgiven)
                await WaitAsync(Never.Task, options.ProbeInterval * (1 << Math.Min(MostDoublings, upstream.Failures - FailuresForgiven - 1)), stopping);
        }
    }

    private async Task WaitAsync(Task woken, TimeSpan atMost, CancellationToken stopping) =>
        await woken.WaitAsync(atMost, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>What is wrong with it; null when it is well.</summary>
    private async Task<string?> IllnessAsync(Upstream upstream, CancellationToken stopping)
    {
        try
        {
            using HttpResponseMessage health = await AskAsync(upstream, options.HealthPath, stopping);
            if (!health.IsSuccessStatusCode)
                return $"{options.HealthPath} answers {(int)health.StatusCode}";
            upstream.Models = await ModelsAsync(upstream, stopping);
            return null;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            return fault is OperationCanceledException ? $"{options.HealthPath} does not answer" : fault.Message;
        }
    }

    /// <summary>What it serves; what it said before where it does not say.</summary>
    private async Task<JsonElement[]> ModelsAsync(Upstream upstream, CancellationToken stopping)
    {
        try
        {
            using HttpResponseMessage answer = await AskAsync(upstream, "/v1/models", stopping);
            byte[] bytes = await answer.Content.ReadAsByteArrayAsync(stopping).WaitAsync(options.ProbeTimeout, clock, stopping);
            if (!answer.IsSuccessStatusCode || bytes.Length > MostModelBytes)
                return upstream.Models;
            using JsonDocument document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Array
                ? [.. data.EnumerateArray().Where(model => ModelList.IdOf(model) is not null).Select(model => model.Clone())]
                : upstream.Models;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException or TimeoutException || (fault is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            return upstream.Models;
        }
    }

    private async Task<HttpResponseMessage> AskAsync(Upstream upstream, string path, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(options.ProbeTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        using var message = new HttpRequestMessage(HttpMethod.Get, upstream.At(path));
        return await client.SendAsync(message, either.Token);
    }
}
