namespace LlmScheduling.Simulation;

/// <summary>Learns from the requests of one simulated queue as they end, on the spot, and has everybody in it ranked again when the ranker in force changes.</summary>
internal sealed class InlineLearning(OnlineRankerTrainer trainer) : ISchedulingObserver
{
    private readonly ConformalLengthPredictor _lengths = new(trainer.Ranker);
    private readonly Dictionary<RequestId, RankingInput> _live = [];

    /// <summary>The scheduler whose queue it is; set before anything arrives.</summary>
    public BatchScheduler? Scheduler { get; set; }

    /// <summary>A request has joined the queue: its score is told.</summary>
    public void Arrived(RequestId id, InferenceRequest request)
    {
        if (request.Prompt.IsEmpty)
            return;
        var input = new RankingInput(id, request.Prompt, request.PromptTokens, request.MaxOutputTokens, request.TrafficClass);
        _live.Add(id, input);
        (float score, LengthEstimate length) = Rank(input);
        Scheduler!.Post(InboxMessage.Ranked(id, score, length));
    }

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request)
    {
        _live.Remove(request.Id);
        _lengths.OnRequestEnded(request);
        if (!OnlineRankerTrainer.TryReadLesson(request, out LoggedResponse lesson))
            return;
        IRequestRanker before = trainer.Ranker.Current;
        trainer.Learn(lesson);
        if (!ReferenceEquals(before, trainer.Ranker.Current))
            Scheduler!.Post(InboxMessage.Reranked([.. _live.Values.Select(RankedAnew)]));
    }

    private InboxMessage RankedAnew(RankingInput input)
    {
        (float score, LengthEstimate length) = Rank(input);
        return InboxMessage.RankedAnew(input.Id, score, length);
    }

    private (float Score, LengthEstimate Length) Rank(in RankingInput input)
    {
        float[] scores = [float.NaN];
        var lengths = new LengthEstimate[1];
        trainer.Ranker.RankAsync(new[] { input }, scores, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _lengths.Predict([input], scores, lengths);
        return (scores[0], lengths[0]);
    }
}
