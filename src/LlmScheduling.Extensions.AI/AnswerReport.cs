using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI;

/// <summary>Tells a lease what becomes of its answer.</summary>
internal sealed class AnswerReport(AdmissionLease lease)
{
    private long _reported;
    private long _usage;
    private ChatFinishReason? _finish;

    public void Updated(ChatResponseUpdate update)
    {
        _finish = update.FinishReason ?? _finish;
        bool hasContent = false;
        foreach (AIContent content in update.Contents)
        {
            if (content is UsageContent usage)
                _usage += usage.Details.OutputTokenCount ?? 0;
            else
                hasContent |= content is not TextContent text || text.Text.Length > 0;
        }

        if (hasContent)
            Report(1);
    }

    public void Ended() => End(_usage);

    public void Answered(ChatResponse response, Func<string, int> countTokens)
    {
        _finish = response.FinishReason;
        End(response.Usage?.OutputTokenCount ?? countTokens(response.Text));
    }

    /// <summary>Cancelled, if that is what the caller did; otherwise failed.</summary>
    public void Faulted(Exception fault, CancellationToken cancellationToken)
    {
        if (fault is OperationCanceledException && cancellationToken.IsCancellationRequested)
            lease.Dispose();
        else
            lease.Complete(FinishReason.Failed);
    }

    private void End(long tokens)
    {
        Report((int)Math.Min(int.MaxValue, Math.Max(0, tokens - _reported)));
        lease.Complete(_finish == ChatFinishReason.Length ? FinishReason.Length : FinishReason.Stop);
    }

    private void Report(int tokens)
    {
        lease.ReportTokens(tokens);
        _reported += tokens;
    }
}
