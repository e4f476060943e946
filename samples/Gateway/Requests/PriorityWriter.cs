using LlmScheduling;

namespace Gateway;

/// <summary>Tells vLLM our order: shorter expected answers get lower numbers in the field <c>priority</c>, and those of more urgent requests lower ones still.</summary>
/// <remarks>The number depends on the request and the ranker's file alone, so gateways that share nothing but that file agree on it.</remarks>
internal sealed class PriorityWriter(GatewayOptions options, PromptFeatureRanker? ranker)
{
    private const int MostTier = 1_000_000;

    /// <summary>The body to forward.</summary>
    public ReadOnlyMemory<byte> BodyOf(InferenceRequest request)
    {
        CompletionRequest sent = CompletionRequest.Of(request);
        return options.WritePriority ? PriorityField.Write(sent.Body, PriorityOf(request, sent.ArrivedAt)) : sent.Body;
    }

    private int PriorityOf(InferenceRequest request, DateTimeOffset arrivedAt)
    {
        // By age and urgency at once no order would be kept: where waits weigh, urgency decides in the gateway's queue only.
        int tier = options.PriorityAging is null ? Math.Clamp(request.Priority, -MostTier, MostTier) : 0;
        int priority = PriorityOf(request, tier);
        return options.PriorityAging is { } step ? VllmPriority.Aged(priority, arrivedAt, step) : priority;
    }

    private int PriorityOf(InferenceRequest request, int tier)
    {
        if (ranker is null)
            return VllmPriority.OfLength(default, tier);
        float score = ranker.Score(request.Prompt.Span);
        return ranker.PredictsLengths ? VllmPriority.OfLength(ranker.PredictLength(score), tier) : VllmPriority.OfScore(score, tier);
    }
}
