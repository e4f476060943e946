using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ModelServerTests;

public sealed class OtlpTests
{
    [Fact]
    public async Task Otlp_SendsMetricsAndSpans_ToTheCollector()
    {
        var received = new ConcurrentDictionary<string, byte[]>();
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication collector = builder.Build();
        collector.MapPost("/{**path}", async (string path, HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received[path] = body.ToArray();
        });
        await collector.StartAsync();

        await using ServerRig rig = await ServerRig.StartAsync(runsFreely: true);
        using (new OtlpExport(new Uri(collector.Urls.Single())))
            Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(ServerRig.Chat("count to 3"))).Status);
        Assert.True(received["v1/metrics"].AsSpan().IndexOf("gen_ai.server.request.duration"u8) > 0);
        Assert.True(received["v1/traces"].AsSpan().IndexOf("schedule"u8) > 0);
    }
}
