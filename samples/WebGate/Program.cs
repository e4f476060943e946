using System.Runtime.CompilerServices;
using LlmScheduling;
using LlmScheduling.AspNetCore;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.SetMinimumLevel(LogLevel.Warning);

// Four seats, sixteen who wait, the earliest deadline first, and the most that a client may ask for.
var limits = new ClientLimits
{
    ShortestTimes = new() { TimeToFirstToken = TimeSpan.FromMilliseconds(500), EndToEnd = TimeSpan.FromSeconds(10) },
    LongestQueueTimeout = TimeSpan.FromSeconds(30),
};
builder.Services
    .AddLlmAdmissionGate("chat", gate => (gate.MaxSequences, gate.MaxQueuedRequests) = (4, 16))
    .UsePolicy(new EarliestDeadline())
    .ConfigureHttp(http => http.LimitsFor = _ => limits);
builder.Services.AddHealthChecks().AddLlmAdmissionGate("chat");

WebApplication app = builder.Build();
app.MapPost("/v1/chat/completions", (HttpContext context) => TypedResults.ServerSentEvents(AnswerAsync(context, context.RequestAborted))).RequireLlmScheduling("chat");
app.MapHealthChecks("/ready");
await app.StartAsync();

// Twenty clients at once; one of them does not know how long a second is.
using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
string[] answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(async i =>
{
    using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
    request.Headers.Add(SchedulingHeaders.TimeToFirstToken, i == 20 ? "soon" : $"{1_000 - i}");
    request.Content = JsonContent.Create(new { messages = new[] { new { role = "user", content = new string('x', 4 * i) } }, max_tokens = 16 });
    using HttpResponseMessage response = await client.SendAsync(request);
    return $"{(int)response.StatusCode} {(await response.Content.ReadAsStringAsync()).ReplaceLineEndings(" ")}";
}));
foreach (string answer in answers)
    Console.WriteLine(answer);
Console.WriteLine($"ready: {await client.GetStringAsync("/ready")}");
await app.StopAsync();

// The stream holds the seat until its last word is written, or its client is gone.
static async IAsyncEnumerable<string> AnswerAsync(HttpContext context, [EnumeratorCancellation] CancellationToken caller)
{
    AdmissionLease lease = context.GetAdmissionLease()!;
    await foreach (string word in EchoEngine.StreamAsync(context.GetInferenceRequest()!.PromptTokens, caller))
    {
        lease.ReportTokens(1);
        yield return word;
    }

    lease.Complete(FinishReason.Stop);
}
