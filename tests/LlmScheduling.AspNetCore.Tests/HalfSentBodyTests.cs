using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmScheduling.AspNetCore.Tests;

public sealed class HalfSentBodyTests
{
    [Fact]
    public async Task Client_ThatGoesAwayInMidBody_NeverReachesTheGate()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isDescribed = false;
        await using WebRig rig = await WebRig.StartAsync(
            Server.Kestrel,
            app =>
            {
                app.Use(async (context, next) =>
                {
                    try
                    {
                        await next(context);
                    }
                    finally
                    {
                        if (context.Request.Method == "POST")
                            ended.SetResult();
                    }
                });
                app.Map("/", (HttpContext context) => context.GetAdmissionLease() is not null).RequireLlmScheduling("chat");
                app.Map("/free", (HttpContext context) => context.GetAdmissionLease() is not null);
            },
            http: http => http.Describe = context =>
            {
                isDescribed |= context.Request.Method == "POST";
                return ValueTask.FromResult(WebRig.Plain());
            });
        var address = new Uri(rig.App.Urls.Single());
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(address.Host, address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nhalf of it"));
        }

        await ended.Task.WaitAsync(WebRig.Patience);

        Assert.False(isDescribed);
        rig.Seen.AssertNobodyElseEnded();
        Assert.Equal(("true", "false"), (await rig.Client().GetStringAsync("/"), await rig.Client().GetStringAsync("/free")));
    }
}
