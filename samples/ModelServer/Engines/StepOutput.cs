using System.Runtime.InteropServices;
using LlmScheduling;

/// <summary>What a step did, as the engine tells it. Used again for every step.</summary>
internal sealed class StepOutput
{
    private readonly List<(Generation Generation, RequestProgress Progress, string? Text, bool IsEnd)> _made = [];
    private readonly List<RequestProgress> _progress = [];

    /// <summary>What to report to the scheduler; there after <see cref="Publish"/>.</summary>
    public ReadOnlySpan<RequestProgress> Progress => CollectionsMarshal.AsSpan(_progress);

    /// <summary>Adds what the step did to one request.</summary>
    /// <param name="work">What was planned.</param>
    /// <param name="computed">Tokens whose KV was added.</param>
    /// <param name="text">Text of the token that it emitted; null: it emitted none.</param>
    /// <param name="isEnd">Whether the model ended the answer with it.</param>
    public void Add(in PlannedWork work, int computed, string? text = null, bool isEnd = false) =>
        _made.Add(((Generation)work.Request.State!, new RequestProgress(work.Id, computed, text is null ? 0 : 1), text, isEnd));

    /// <summary>Adds a request that has failed by itself: the others of the step go on.</summary>
    public void AddFailed(in PlannedWork work)
    {
        var generation = (Generation)work.Request.State!;
        generation.Fail();
        _made.Add((generation, new RequestProgress(work.Id, 0, 0, FinishReason.Failed), null, false));
    }

    /// <summary>Hands the text to those who wait for it, and decides who ends.</summary>
    public void Publish()
    {
        foreach ((Generation generation, RequestProgress progress, string? text, bool isEnd) in _made)
            _progress.Add(text is null ? progress : progress with { Finish = generation.Append(text, isEnd) });
    }

    /// <summary>In place of all that was added: every request of the plan has failed.</summary>
    public void Fail(BatchPlan plan)
    {
        Clear();
        foreach (ref readonly PlannedWork work in plan.Work)
        {
            ((Generation)work.Request.State!).Fail();
            _progress.Add(new RequestProgress(work.Id, 0, 0, FinishReason.Failed));
        }
    }

    public void Clear()
    {
        _made.Clear();
        _progress.Clear();
    }
}
