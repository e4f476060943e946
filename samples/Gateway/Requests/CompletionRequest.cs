using LlmScheduling;

namespace Gateway;

/// <summary>What a client has sent, kept to be forwarded: the bytes as they came, and when.</summary>
/// <param name="Body">The body.</param>
/// <param name="ArrivedAt">When it was read.</param>
internal sealed record CompletionRequest(byte[] Body, DateTimeOffset ArrivedAt)
{
    /// <summary>Keeps the body beside what <paramref name="read"/> finds in it.</summary>
    public static Func<HttpContext, ValueTask<InferenceRequest>> Describing(Func<HttpContext, ValueTask<InferenceRequest>> read) => async context =>
    {
        using var copy = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        await context.Request.Body.CopyToAsync(copy, context.RequestAborted);
        byte[] body = copy.ToArray();
        context.Request.Body = new MemoryStream(body, writable: false);
        InferenceRequest found = await read(context);
        TimeProvider clock = context.RequestServices.GetRequiredService<TimeProvider>();

        // A prompt of pictures alone has no text to count.
        return Copy(found, Math.Max(1, found.PromptTokens), new CompletionRequest(body, clock.GetUtcNow()));
    };

    /// <summary>The same request, to be queued once more.</summary>
    public static InferenceRequest Again(InferenceRequest request) => Copy(request, request.PromptTokens, request.State);

    public static CompletionRequest Of(InferenceRequest request) => (CompletionRequest)request.State!;

    private static InferenceRequest Copy(InferenceRequest request, int promptTokens, object? state) => new()
    {
        PromptTokens = promptTokens,
        MaxOutputTokens = request.MaxOutputTokens,
        Prompt = request.Prompt,
        Tenant = request.Tenant,
        TrafficClass = request.TrafficClass,
        Objective = request.Objective,
        Priority = request.Priority,
        QueueTimeout = request.QueueTimeout,
        State = state,
    };
}
