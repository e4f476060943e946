using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LlmScheduling.Tests;

public sealed class AddLlmSchedulerTests
{
    private readonly ServiceCollection _services = new();

    [Fact]
    public void Default_IsOneSchedulerFirstComeFirstServed()
    {
        _services.AddLlmScheduler(options => options.MaxSequences = 3);
        using ServiceProvider provider = Build();

        var scheduler = provider.GetRequiredService<BatchScheduler>();
        Assert.Same(scheduler, provider.GetRequiredService<BatchScheduler>());
        Assert.IsType<FirstComeFirstServed>(scheduler.Stack.Policy);
        Assert.Equal("fcfs", scheduler.Stack.Name);
        Assert.Equal(3, Admitted(scheduler, enqueued: 5));
    }

    [Fact]
    public void UsePromptRanker_OfADamagedFile_SaysSoWhenResolved()
    {
        string path = Path.GetTempFileName();
        try
        {
            _services.AddLlmScheduler().UsePromptRanker(path);
            using ServiceProvider provider = Build();
            Assert.Contains("cut off", Assert.Throws<InputException>(() => provider.GetRequiredService<BatchScheduler>()).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Named_AreKeyedWithOptionsOfTheirOwn()
    {
        _services.AddLlmScheduler("chat", options => options.MaxSequences = 2).UsePolicy(new ShortestPromptFirst());
        _services.AddLlmScheduler("embeddings", options => options.MaxSequences = 4);
        using ServiceProvider provider = Build();

        var chat = provider.GetRequiredKeyedService<BatchScheduler>("chat");
        var embeddings = provider.GetRequiredKeyedService<BatchScheduler>("embeddings");
        Assert.IsType<ShortestPromptFirst>(chat.Stack.Policy);
        Assert.IsType<FirstComeFirstServed>(embeddings.Stack.Policy);
        Assert.Equal((2, 4), (Admitted(chat, enqueued: 5), Admitted(embeddings, enqueued: 5)));
        Assert.Null(provider.GetService<BatchScheduler>());
    }

    [Fact]
    public void FromKeyedServices_OnAConstructor_GetsTheNamedOne()
    {
        _services.AddLlmScheduler("chat");
        _services.AddSingleton<Server>();
        using ServiceProvider provider = Build();

        Assert.Same(provider.GetRequiredKeyedService<BatchScheduler>("chat"), provider.GetRequiredService<Server>().Scheduler);
    }

    [Fact]
    public void SecondCall_OfOneName_ConfiguresTheSameFurther()
    {
        _services.AddLlmScheduler(options => options.MaxSequences = 2).UsePolicy(new ShortestPromptFirst());
        _services.AddLlmScheduler(options => options.MaxBatchTokens = 77).UsePolicy(new LeastSlack());
        using ServiceProvider provider = Build();

        Assert.Single(provider.GetServices<BatchScheduler>());
        Assert.IsType<LeastSlack>(provider.GetRequiredService<BatchScheduler>().Stack.Policy);
        BatchSchedulerOptions options = provider.GetRequiredService<IOptions<BatchSchedulerOptions>>().Value;
        Assert.Equal((2, 77), (options.MaxSequences, options.MaxBatchTokens));
    }

    [Fact]
    public async Task HostStart_OptionsOutOfRange_TellsEveryProblemAtOnce()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLlmScheduler("chat", options => (options.MaxSequences, options.KvBlockTokens) = (0, -1));
        using IHost host = builder.Build();

        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal("chat", refused.OptionsName);
        Assert.Equal(
            ["BatchSchedulerOptions.MaxSequences is 0; it must be 1 or more.", "BatchSchedulerOptions.KvBlockTokens is -1; it must be 1 or more."],
            refused.Failures);
    }

    [Fact]
    public void Resolve_OptionsOutOfRange_ThrowsWithoutAHostToo()
    {
        _services.AddLlmScheduler(options => options.StepsInFlight = 3);
        using ServiceProvider provider = Build();

        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<BatchScheduler>());
    }

    [Fact]
    public void Options_BoundFromConfiguration_ReachTheScheduler()
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Chat:MaxSequences"] = "2", ["Chat:KvReservation"] = "WholeContext", ["Chat:TenantWeights:acme"] = "2.5" })
            .Build();
        _services.AddLlmScheduler("chat");
        _services.Configure<BatchSchedulerOptions>("chat", configuration.GetSection("Chat"));
        using ServiceProvider provider = Build();

        BatchSchedulerOptions options = provider.GetRequiredService<IOptionsMonitor<BatchSchedulerOptions>>().Get("chat");
        Assert.Equal((2, KvReservation.WholeContext, 2.5), (options.MaxSequences, options.KvReservation, options.TenantWeights["acme"]));
        Assert.Equal(2, Admitted(provider.GetRequiredKeyedService<BatchScheduler>("chat"), enqueued: 5));
    }

    [Fact]
    public void Collaborators_FromTheContainer_AreUsed()
    {
        var clock = new ManualTimeProvider();
        using var meters = new OneMeterFactory();
        using Measurements heard = meters.Listen();
        var observer = new Watcher();
        _services.AddSingleton<TimeProvider>(clock);
        _services.AddSingleton<System.Diagnostics.Metrics.IMeterFactory>(meters);
        _services.AddSingleton(observer);
        _services.AddLlmScheduler("chat")
            .AddObserver(services => services.GetRequiredService<Watcher>())
            .UseSloModel(_ => new TrafficClassSlo(new Dictionary<string, ServiceLevelObjective> { ["chat"] = new() { EndToEnd = TimeSpan.FromSeconds(9) } }))
            .UseLatencyModel(_ => new HalfSecond())
            .UseVictimPolicy(_ => new ShortestPromptFirst());
        using ServiceProvider provider = Build();
        var scheduler = provider.GetRequiredKeyedService<BatchScheduler>("chat");
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1, TrafficClass = "chat" });
        clock.Advance(TimeSpan.FromSeconds(5));
        scheduler.PlanStep();

        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(0.5)), observer.Seen);
        (double waited, Dictionary<string, object?> tags) = Assert.Single(heard.Of("llm_scheduling.queue.duration"));
        Assert.Equal((5, "chat"), (waited, tags["llm_scheduling.scheduler"]));
    }

    [Fact]
    public void Ranker_AndPredictor_AreAsked()
    {
        using var asked = new ManualResetEventSlim();
        _services.AddLlmScheduler().UseRanker(_ => new OneRanker()).UseLengthPredictor(_ => new Predictor(asked));
        using ServiceProvider provider = Build();
        var scheduler = provider.GetRequiredService<BatchScheduler>();
        scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1, Prompt = "Why?".AsMemory() });
        scheduler.PlanStep();

        Assert.True(asked.Wait(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Dispose_OfTheContainer_DisposesTheSchedulerThenItsLog()
    {
        var stream = new MemoryStream();
        _services.AddLlmScheduler("chat").UseDecisionLog(_ => new DecisionLog(stream, new() { LeaveOpen = true }));
        ServiceProvider provider = Build();
        var scheduler = provider.GetRequiredKeyedService<BatchScheduler>("chat");
        RequestTicket ticket = scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1 });
        provider.Dispose();

        Assert.Equal(RequestOutcome.ShutDown, ticket.Ended());
        stream.Position = 0;
        Assert.Equal(
            [DecisionKind.Header, DecisionKind.Arrival, DecisionKind.Outcome, DecisionKind.Stop, DecisionKind.End],
            DecisionLogReader.Read(stream).Select(entry => entry.Kind));
    }

    [Fact]
    public async Task DisposeAsync_OfTheContainer_EndsWhatWaits()
    {
        _services.AddLlmScheduler().UseDecisionLog(_ => new DecisionLog(Stream.Null));
        ServiceProvider provider = Build();
        RequestTicket ticket = provider.GetRequiredService<BatchScheduler>().Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1 });
        var log = provider.GetRequiredService<DecisionLog>();
        await provider.DisposeAsync();

        Assert.Equal(RequestOutcome.ShutDown, ticket.Ended());
        Assert.Equal(0, log.Dropped);
    }

    [Fact]
    public void Use_StackWithAllocation_IsTakenWhole()
    {
        var stack = new SchedulingStack("mine", new ShortestPromptFirst()) { Allocation = new() { LookAheadRequests = 3 } };
        _services.AddLlmScheduler().Use(stack);
        using ServiceProvider provider = Build();

        Assert.Same(stack, provider.GetRequiredService<BatchScheduler>().Stack);
    }

    [Fact]
    public void DecisionLog_AsTheDocumentsRegisterIt_Records()
    {
        string path = Path.GetTempFileName();
        try
        {
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
            ISchedulingPolicy policy = new ShortestPromptFirst();
            builder.Services.AddLlmScheduler()
                .UsePolicy(policy)
                .UseDecisionLog(_ => new DecisionLog(File.Create(path)));
            using (IHost host = builder.Build())
                host.Services.GetRequiredService<BatchScheduler>();

            using FileStream log = File.OpenRead(path);
            Assert.Equal("ShortestPromptFirst", DecisionLogReader.Read(log).First().StackName);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int Admitted(BatchScheduler scheduler, int enqueued)
    {
        for (int i = 0; i < enqueued; i++)
            scheduler.Enqueue(new InferenceRequest { PromptTokens = 1, MaxOutputTokens = 1 });
        return scheduler.PlanStep().Work.Length;
    }

    private ServiceProvider Build() => _services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

    private sealed class Server([FromKeyedServices("chat")] BatchScheduler scheduler)
    {
        public BatchScheduler Scheduler { get; } = scheduler;
    }

    private sealed class HalfSecond : ILatencyModel
    {
        public TimeSpan PredictStep(in BatchShape shape) => TimeSpan.FromSeconds(0.5);
    }

    private sealed class OneRanker : IRequestRanker
    {
        public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
        {
            scores.Span.Fill(1);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Predictor(ManualResetEventSlim asked) : ILengthPredictor
    {
        public void Predict(ReadOnlySpan<RankingInput> requests, ReadOnlySpan<float> scores, Span<LengthEstimate> estimates)
        {
            if (scores[0] == 1)
                asked.Set();
        }
    }

    private sealed class Watcher : ISchedulingObserver
    {
        public (TimeSpan Now, TimeSpan Deadline, TimeSpan Step) Seen { get; private set; }

        public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan) =>
            Seen = (snapshot.Now, snapshot.Requests[0].Deadline, snapshot.Latency!.PredictStep(default));

        public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
        {
        }

        public void OnRequestEnded(in EndedRequest request)
        {
        }
    }
}
