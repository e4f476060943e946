using LlmScheduling.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmScheduling.AspNetCore.Tests;

/// <summary>A web application with the gate "chat" on a manual clock, and clients of it.</summary>
internal sealed class WebRig : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private WebRig(WebApplication app) => App = app;

    public WebApplication App { get; }

    public Seen Seen => App.Services.GetRequiredService<Seen>();

    public ManualTimeProvider Clock => App.Services.GetRequiredService<ManualTimeProvider>();

    public AdmissionGate Gate => App.Services.GetRequiredKeyedService<AdmissionGate>("chat");

    /// <summary>Starts one whose gate has one seat and a queue of 16 unless told otherwise, and whose requests are described by headers alone unless told otherwise.</summary>
    public static async Task<WebRig> StartAsync(
        Server server, Action<WebApplication> map, Action<AdmissionGateOptions>? gate = null, Action<HttpAdmissionOptions>? http = null, Action<WebApplicationBuilder>? build = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        if (server == Server.Test)
            builder.WebHost.UseTestServer();
        else
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<Seen>().AddSingleton<ManualTimeProvider>();
        builder.Services.AddSingleton<TimeProvider>(services => services.GetRequiredService<ManualTimeProvider>());
        builder.Services
            .AddLlmAdmissionGate("chat", options =>
            {
                (options.MaxSequences, options.MaxQueuedRequests) = (1, 16);
                gate?.Invoke(options);
            })
            .UsePolicy(services => services.GetRequiredService<Seen>())
            .AddObserver(services => services.GetRequiredService<Seen>())
            .ConfigureHttp(options =>
            {
                options.Describe = _ => ValueTask.FromResult(Plain());
                http?.Invoke(options);
            });
        build?.Invoke(builder);
        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync();
        return new WebRig(app);
    }

    public static InferenceRequest Plain(int priority = 0, TimeSpan? queueTimeout = null) =>
        new() { PromptTokens = 10, MaxOutputTokens = 10, Priority = priority, QueueTimeout = queueTimeout };

    public HttpClient Client()
    {
        HttpClient client = App.Services.GetService<Microsoft.AspNetCore.Hosting.Server.IServer>() is TestServer test
            ? test.CreateClient()
            : new HttpClient { BaseAddress = new Uri(App.Urls.Single()) };
        client.Timeout = Patience;
        return client;
    }

    /// <summary>Takes the gate's only seat.</summary>
    public async Task<AdmissionLease> SeatAsync()
    {
        AdmissionLease lease = await Gate.AcquireAsync(Plain());
        Assert.True(lease.IsAcquired);
        return lease;
    }

    /// <summary>Lets others work until a decision that is being made elsewhere has shown.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public Task UntilFreeAsync(int seats = 1) => UntilAsync(() => Gate.GetStatistics().FreeSeats == seats);

    public async ValueTask DisposeAsync() => await App.DisposeAsync();
}
