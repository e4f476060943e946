using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.AspNetCore.Tests.RateLimiting;

public sealed class HttpGateRateLimiterTests
{
    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task UseRateLimiter_WithAGate_QueuesRefusesAndFrees(Server server)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var rejected = new List<string?>();
        await using WebRig rig = await StartAsync(server, release.Task, rejected);
        HttpClient client = rig.Client();
        Task<string> served = client.GetStringAsync("/");
        await rig.Seen.UntilLiveAsync(1);
        Task<string> queued = client.GetStringAsync("/");
        await rig.Seen.UntilLiveAsync(2);

        using HttpResponseMessage refused = await client.GetAsync("/");
        release.SetResult();

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(["queue_full"], rejected);
        Assert.Equal(["True", "True"], await Task.WhenAll(served, queued));
        Assert.Equal(RequestOutcome.Completed, (await rig.Seen.NextEndedAsync()).Outcome);
        Assert.Equal(RequestOutcome.Completed, (await rig.Seen.NextEndedAsync()).Outcome);
    }

    [Fact]
    public async Task UseRateLimiter_ClientGoesAwayWhileQueued_LeavesTheQueue()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebRig rig = await StartAsync(Server.Kestrel, release.Task, []);
        using AdmissionLease seat = await rig.SeatAsync();
        using var away = new CancellationTokenSource();
        Task<HttpResponseMessage> waiting = rig.Client().GetAsync("/", away.Token);
        await rig.Seen.UntilLiveAsync(2);

        await away.CancelAsync();

        Assert.Equal(RequestOutcome.Cancelled, (await rig.Seen.NextEndedAsync()).Outcome);
        Assert.Equal(0, rig.Gate.GetStatistics().QueuedRequests);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task DisposeAsync_SomeWait_EndsThem()
    {
        using var gate = new AdmissionGate(new FirstComeFirstServed(), new AdmissionGateOptions { MaxSequences = 1 });
        PartitionedRateLimiter<HttpContext> limiter = gate.AsRateLimiter(_ => WebRig.Plain());
        using RateLimitLease held = limiter.AttemptAcquire(new DefaultHttpContext());
        Task<RateLimitLease> waiting = limiter.AcquireAsync(new DefaultHttpContext()).AsTask();

        await limiter.DisposeAsync();

        using RateLimitLease ended = await waiting.WaitAsync(WebRig.Patience);
        Assert.False(ended.IsAcquired);
        Assert.Throws<ObjectDisposedException>(() => limiter.AttemptAcquire(new DefaultHttpContext()));
    }

    private static Task<WebRig> StartAsync(Server server, Task release, List<string?> rejected) => WebRig.StartAsync(
        server,
        app =>
        {
            app.UseRateLimiter();
            app.MapGet("/", async (HttpContext context) =>
            {
                await release;
                return $"{context.GetAdmissionLease()!.IsAcquired}";
            });
        },
        gate => gate.MaxQueuedRequests = 1,
        build: builder => builder.Services.AddRateLimiter(_ => { }).AddOptions<RateLimiterOptions>().Configure<IServiceProvider>((limits, services) =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.GlobalLimiter = services.GetRequiredKeyedService<AdmissionGate>("chat").AsRateLimiter((HttpContext _) => WebRig.Plain());
            limits.OnRejected = (context, _) =>
            {
                rejected.Add(context.Lease.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason) ? reason : null);
                return ValueTask.CompletedTask;
            };
        }));
}
