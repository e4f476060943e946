using Microsoft.Extensions.DependencyInjection;

namespace LlmScheduling.Tests.Ranking;

/// <summary>The code of docs/train-a-ranker.md.</summary>
public sealed class TrainARankerTests
{
    [Fact]
    public void TrainInCode_AndRegister_MakesASchedulerThatRanks()
    {
        List<LoggedResponse> log = [.. SampleLog.Of(300)];
        var path = Path.GetTempFileName();
        try
        {
            var trainer = new PromptRankerTrainer(new PromptRankerTrainerOptions { Split = RankerSplit.Time, ModelName = "my-model" });
            PromptFeatureRanker ranker = trainer.Train(log);
            if (ranker.Card.TauB > 2 * ranker.Card.StandardError)
            {
                using FileStream file = File.Create(path);
                ranker.Write(file);
            }

            var services = new ServiceCollection();
            services.AddLlmScheduler()
                .Use(SchedulingStacks.Pars)
                .UsePromptRanker(path);
            using ServiceProvider provider = services.BuildServiceProvider();
            Assert.Equal("pars", provider.GetRequiredService<BatchScheduler>().Stack.Name);
            Assert.Equal("my-model", PromptFeatureRanker.Read(path).Card.ModelName);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void PredictLength_OfAScore_HasAQuantile()
    {
        PromptFeatureRanker ranker = new PromptRankerTrainer().Train(SampleLog.Of(300));
        LengthEstimate length = ranker.PredictLength(ranker.Score("Write a story about rain and Mars, number 9."));
        double enoughForNineInTen = length.Quantile(1.2816);
        Assert.InRange(length.Median, 200, enoughForNineInTen);
    }
}
