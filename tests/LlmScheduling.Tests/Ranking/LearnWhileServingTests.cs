using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.Tests.Ranking;

/// <summary>The code of docs/train-a-ranker.md about learning on line and scores from and to elsewhere.</summary>
public sealed class LearnWhileServingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public void RankerInForce_OfANewFile_IsThatOne()
    {
        string path = Trained("old", 1), retrained = Trained("new", 2);
        var inForce = new RankerInForce(PromptFeatureRanker.Read(path));
        using var scheduler = new BatchScheduler(SchedulingStacks.Pars, null, new SchedulerServices { Ranker = inForce, LengthPredictor = inForce });
        inForce.Current = PromptFeatureRanker.Read(retrained);

        Assert.Equal("new", ((PromptFeatureRanker)inForce.Current).Card.ModelName);
    }

    [Fact]
    public void UseOnlineRanker_WithoutMore_MakesASchedulerThatLearns()
    {
        var services = new ServiceCollection();
        services.AddLlmScheduler()
            .Use(SchedulingStacks.Pars)
            .UseOnlineRanker()
            .CalibrateLengths();
        using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Equal("pars", provider.GetRequiredService<BatchScheduler>().Stack.Name);
        Assert.Same(RankerInForce.Unranked, provider.GetRequiredService<OnlineRankerTrainer>().Ranker.Current);
    }

    [Fact]
    public void Restore_OfALearnerThatStartedFromAFile_GoesOn()
    {
        string path = Trained("chat", 1), state = Path.Combine(_folder, "state");
        var services = new ServiceCollection();
        var learner = new OnlineRankerTrainer(new OnlineRankerTrainerOptions { Start = PromptFeatureRanker.Read(path), ModelName = "my-model" });
        services.AddLlmScheduler().Use(SchedulingStacks.Pars).UseOnlineRanker(_ => learner);
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetRequiredService<BatchScheduler>());
        foreach (LoggedResponse row in SampleLog.Of(40))
            learner.Learn(row);

        using (FileStream file = File.Create(state))
            learner.Write(file);
        using FileStream saved = File.OpenRead(state);
        var goesOn = OnlineRankerTrainer.Restore(saved, state);
        Assert.Equal(learner.Learnt, goesOn.Learnt);
    }

    [Fact]
    public void ScoresFromElsewhere_MakeSchedulers()
    {
        PromptFeatureRanker ranker = PromptFeatureRanker.Read(Trained("chat", 1));
        var lengths = new ConformalLengthPredictor(ranker);
        var services = new SchedulerServices { Ranker = ranker, LengthPredictor = lengths, Observers = [lengths] };
        using var client = new HttpClient();
        var byTokens = new DelegateRanker(request => request.PromptTokens);
        var remote = new HttpScoringRanker(client, new Uri("http://ranker:8000/score_batch"), new HttpScoringRankerOptions { Timeout = TimeSpan.FromSeconds(2) });

        using BatchScheduler one = new(SchedulingStacks.Pars, null, services), two = new(SchedulingStacks.Pars, null, new SchedulerServices { Ranker = byTokens }), three = new(SchedulingStacks.Pars, null, new SchedulerServices { Ranker = remote });
        Assert.All((BatchScheduler[])[one, two, three], scheduler => Assert.True(scheduler.PlanStep().IsEmpty));
    }

    [Fact]
    public void ScoresToElsewhere_PutShortAnswersFirst()
    {
        PromptFeatureRanker ranker = PromptFeatureRanker.Read(Trained("chat", 1));
        var arrivedAt = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

        Assert.True(PriorityOf("Name cats and rain, number 3.").Priority < PriorityOf("Write a story about cats and rain, number 3.").Priority);
        Assert.True(PriorityOf("Name cats and rain, number 3.").WithAgeing < PriorityOf("Write a story about cats and rain, number 3.").WithAgeing);

        (int Priority, int WithAgeing) PriorityOf(string prompt)
        {
            int priority = VllmPriority.OfLength(ranker.PredictLength(ranker.Score(prompt)));
            int withAgeing = VllmPriority.Aged(priority, arrivedAt, TimeSpan.FromSeconds(1));
            return (priority, withAgeing);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Trained(string model, ulong seed)
    {
        string path = Path.Combine(_folder, model);
        using FileStream file = File.Create(path);
        new PromptRankerTrainer(new PromptRankerTrainerOptions { ModelName = model }).Train(SampleLog.Of(300, seed)).Write(file);
        return path;
    }
}
