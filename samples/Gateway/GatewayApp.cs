using LlmScheduling;
using LlmScheduling.AspNetCore;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway;

/// <summary>The gateway: one queue in front of servers that speak the OpenAI API, and a server is chosen when it has room.</summary>
internal static class GatewayApp
{
    /// <summary>Adds everything to a web application and builds it.</summary>
    public static WebApplication Build(WebApplicationBuilder builder, GatewayOptions options)
    {
        IServiceCollection services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        PromptFeatureRanker? ranker = options.Ranker is { } file ? PromptFeatureRanker.Read(file) : null;
        services.AddSingleton<UpstreamFleet>().AddSingleton<UpstreamMetrics>().AddSingleton<UpstreamClient>();
        services.AddSingleton(new PriorityWriter(options, ranker)).AddSingleton<AnswerRelay>().AddSingleton<CompletionForwarding>();
        services.AddHostedService<UpstreamProbe>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout);
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = OpenAiError.Add);
        services.AddHealthChecks().AddLlmAdmissionGate().AddCheck<FleetHealthCheck>("upstreams");

        // The central queue. Who waits in it can still be ordered; who waits inside a server cannot.
        var limits = new ClientLimits
        {
            MostUrgentPriority = options.MostUrgentPriority,
            ShortestTimes = new() { TimeToFirstToken = options.ShortestTimeToFirstToken },
            LongestQueueTimeout = options.QueueTimeout,
        };
        AdmissionGateBuilder gate = services
            .AddLlmAdmissionGate(seats =>
            {
                seats.Instances = options.Upstreams.Count;
                seats.MaxSequences = options.Upstreams.Max(upstream => upstream.Seats ?? options.Seats);
                seats.MaxTokens = options.Upstreams.Max(upstream => upstream.KvTokens ?? options.KvTokens);
                seats.MaxQueuedRequests = options.MaxQueuedRequests;
            })
            .UsePolicy(PolicyOf(options))
            .UseAssignment(_ => new SeatsOfEach(AssignmentOf(options), options))
            .ConfigureHttp(http =>
            {
                http.MaxBodyBytes = options.MaxBodyBytes;
                http.LimitsFor = _ => limits;
                http.Describe = CompletionRequest.Describing(http.Describe);
            });
        if (ranker is not null)
            gate.UsePromptRanker(ranker);

        WebApplication app = builder.Build();
        CompletionForwarding forwarding = app.Services.GetRequiredService<CompletionForwarding>();
        app.MapPost("/v1/chat/completions", forwarding.AnswerAsync).RequireLlmScheduling();
        app.MapPost("/v1/completions", forwarding.AnswerAsync).RequireLlmScheduling();
        app.MapGet("/v1/models", (UpstreamFleet fleet) => ModelList.Of(fleet));
        app.MapHealthChecks("/healthz");
        return app;
    }

    private static ISchedulingPolicy PolicyOf(GatewayOptions options) => (options.Policy ?? (options.Ranker is null ? "fcfs" : "pars")) switch
    {
        "fcfs" => SchedulingStacks.Fcfs.Policy,
        "fair" => SchedulingStacks.FairFcfs.Policy,
        "priority" => SchedulingStacks.Priority.Policy,
        "edf" => SchedulingStacks.Edf.Policy,
        "aged-shortest-work" => SchedulingStacks.AgedShortestWork.Policy,
        "pars" => SchedulingStacks.Pars.Policy,
        string other => throw new ArgumentException($"Gateway:Policy is '{other}'; it must be fcfs, fair, priority, edf, aged-shortest-work or pars."),
    };

    private static IInstanceAssignment AssignmentOf(GatewayOptions options) => options.Assignment switch
    {
        "largest-remaining-memory" => new LargestRemainingMemory(),
        "round-robin" => new RoundRobin(),
        "least-work" => new LeastWork(),
        "earliest-predicted-finish" => new EarliestPredictedFinish(),
        string other => throw new ArgumentException(
            $"Gateway:Assignment is '{other}'; it must be largest-remaining-memory, round-robin, least-work or earliest-predicted-finish."),
    };
}
