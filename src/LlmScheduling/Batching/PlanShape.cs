namespace LlmScheduling;

/// <summary>Sums up what a plan's duration depends on.</summary>
internal static class PlanShape
{
    /// <summary>The shape of <paramref name="plan"/>, whose grants are not assumed yet.</summary>
    public static BatchShape Of(BatchPlan plan, RequestTable table)
    {
        int decodes = 0, prefill = 0;
        long context = 0;
        double attention = 0;
        ReadOnlySpan<PlannedWork> work = plan.Work;
        ReadOnlySpan<PlannedGrant> grants = plan.Grants;
        for (int i = 0; i < work.Length; i++)
        {
            LiveRequest request = grants[i].Request;
            ref readonly RequestView view = ref table.ViewOf(request);
            if (request.IsDecode(view))
            {
                decodes++;
                context += (long)view.PromptTokens + view.Generated + request.InFlightEmits;
            }
            else
            {
                int tokens = work[i].Tokens;
                prefill += tokens;
                attention += tokens * (view.Computed + request.InFlightTokens + (grants[i].AssumedTokens - tokens) + 0.5 * tokens);
            }
        }

        return new BatchShape(decodes, prefill, context, attention);
    }
}
