using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmScheduling.AspNetCore.Tests;

public sealed class QueueingTests
{
    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Client_ThatGoesAwayWhileQueued_LeavesTheQueueAndNeverReachesTheEndpoint(Server server)
    {
        int runs = 0;
        await using WebRig rig = await WebRig.StartAsync(server, app => app.MapGet("/", () => Interlocked.Increment(ref runs)).RequireLlmScheduling("chat"));
        AdmissionLease seat = await rig.SeatAsync();
        using var away = new CancellationTokenSource();
        Task<HttpResponseMessage> waiting = rig.Client().GetAsync("/", away.Token);
        await rig.Seen.UntilLiveAsync(2);

        await away.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(RequestOutcome.Cancelled, (await rig.Seen.NextEndedAsync()).Outcome);
        Assert.Equal(0, rig.Gate.GetStatistics().QueuedRequests);
        seat.Dispose();
        await rig.Seen.NextEndedAsync();
        await rig.UntilFreeAsync();
        Assert.Equal(0, runs);
    }

    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Requests_200ThroughFourSeats_AreAllServedByFourAtATime(Server server)
    {
        int inside = 0, most = 0;
        var allIn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebRig rig = await WebRig.StartAsync(
            server,
            app => app.MapGet("/", async () =>
            {
                int now = Interlocked.Increment(ref inside);
                InterlockedMax(ref most, now);
                await allIn.Task;
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                return "served";
            }).RequireLlmScheduling("chat"),
            gate => (gate.MaxSequences, gate.MaxQueuedRequests) = (4, 200));
        HttpClient client = rig.Client();

        Task<string>[] answers = [.. Enumerable.Range(0, 200).Select(_ => client.GetStringAsync("/"))];
        await rig.Seen.UntilLiveAsync(200);
        allIn.SetResult();

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal("served", answer));
        Assert.Equal(4, most);
        for (int i = 0; i < 200; i++)
            Assert.Equal(RequestOutcome.Completed, (await rig.Seen.NextEndedAsync()).Outcome);
        await rig.UntilFreeAsync(4);
        AdmissionStatistics after = rig.Gate.GetStatistics();
        Assert.Equal((0, 0), (after.QueuedRequests, after.QueuedTokens));
    }

    [Theory]
    [InlineData(Server.Test)]
    [InlineData(Server.Kestrel)]
    public async Task Shutdown_WithOneServedAndOneQueued_ServesBothAndTakesNoMore(Server server)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebRig rig = await WebRig.StartAsync(server, app => app.MapGet("/", async () =>
        {
            await release.Task;
            return "whole";
        }).RequireLlmScheduling("chat"));
        HttpClient client = rig.Client();
        Task<string> served = client.GetStringAsync("/");
        await rig.Seen.UntilLiveAsync(1);
        Task<string> queued = client.GetStringAsync("/");
        await rig.Seen.UntilLiveAsync(2);

        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.App.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        Task stopped = rig.App.StopAsync();
        await stopping.Task.WaitAsync(WebRig.Patience);
        Assert.Equal(RequestOutcome.ShutDown, (await rig.Gate.AcquireAsync(WebRig.Plain())).Refusal);
        release.SetResult();

        Assert.Equal(["whole", "whole"], await Task.WhenAll(served, queued));
        await stopped.WaitAsync(WebRig.Patience);
    }

    [Fact]
    public async Task Connection_KeptAlive_CarriesRefusedAndServedRequestsInTurn()
    {
        await using WebRig rig = await WebRig.StartAsync(
            Server.Kestrel,
            app => app.MapPost("/", async (HttpContext context) => $"{await new StreamReader(context.Request.Body).ReadToEndAsync()}").RequireLlmScheduling("chat"),
            gate => gate.MaxQueuedRequests = 0,
            http => http.MaxBodyBytes = 10);
        var address = new Uri(rig.App.Urls.Single());
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using NetworkStream connection = client.GetStream();
        using var reader = new StreamReader(connection, Encoding.ASCII, false, 1024, leaveOpen: true);

        Assert.Equal(("HTTP/1.1 200 OK", "hello"), await PostAsync("hello"));
        Assert.StartsWith("HTTP/1.1 413", (await PostAsync(new string('x', 11))).Status, StringComparison.Ordinal);
        AdmissionLease seat = await rig.SeatAsync();
        Assert.StartsWith("HTTP/1.1 429", (await PostAsync("hello")).Status, StringComparison.Ordinal);
        seat.Dispose();
        Assert.Equal(("HTTP/1.1 200 OK", "again"), await PostAsync("again"));

        async Task<(string Status, string Body)> PostAsync(string body)
        {
            await connection.WriteAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            string status = (await reader.ReadLineAsync().WaitAsync(WebRig.Patience))!;
            bool isChunked = false;
            int length = 0;
            while (await reader.ReadLineAsync() is { Length: > 0 } header)
            {
                isChunked |= header.StartsWith("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase);
                if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                    length = int.Parse(header.AsSpan(15), System.Globalization.CultureInfo.InvariantCulture);
            }

            var text = new StringBuilder();
            while (isChunked && int.Parse((await reader.ReadLineAsync())!, System.Globalization.NumberStyles.HexNumber, null) is var chunk)
            {
                text.Append(await ReadAsync(chunk));
                await reader.ReadLineAsync();
                isChunked = chunk > 0;
            }

            return (status, text.Append(await ReadAsync(length)).ToString());
        }

        async Task<string> ReadAsync(int length)
        {
            var buffer = new char[length];
            // Asked for nothing, a reader waits for something.
            if (length > 0)
                Assert.Equal(length, await reader.ReadBlockAsync(buffer));
            return new string(buffer);
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen = Volatile.Read(ref most);
        while (seen < value && Interlocked.CompareExchange(ref most, value, seen) is var found && found != seen)
            seen = found;
    }
}
