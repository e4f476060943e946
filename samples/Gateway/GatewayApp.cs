using LlmScheduling;
using LlmScheduling.AspNetCore;
using LlmScheduling.Samples;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway;

/// <summary>The gateway: one queue in front of servers that speak the OpenAI API, and a server is chosen when it has room.</summary>
internal static class GatewayApp
{
    /// <summary>The orders to choose from.</summary>
    public static IReadOnlyDictionary<string, ISchedulingPolicy> Policies { get; } = new SortedDictionary<string, ISchedulingPolicy>(StringComparer.Ordinal)
    {
        ["fcfs"] = SchedulingStacks.Fcfs.Policy,
        ["fair"] = SchedulingStacks.FairFcfs.Policy,
        ["priority"] = SchedulingStacks.Priority.Policy,
        ["edf"] = SchedulingStacks.Edf.Policy,
        ["aged-shortest-work"] = SchedulingStacks.AgedShortestWork.Policy,
        ["pars"] = SchedulingStacks.Pars.Policy,
    };

    /// <summary>Where the first in the order may go.</summary>
    public static IReadOnlyDictionary<string, IInstanceAssignment> Assignments { get; } = new SortedDictionary<string, IInstanceAssignment>(StringComparer.Ordinal)
    {
        ["largest-remaining-memory"] = new LargestRemainingMemory(),
        ["round-robin"] = new RoundRobin(),
        ["least-work"] = new LeastWork(),
        ["earliest-predicted-finish"] = new EarliestPredictedFinish(),
    };

    /// <summary>Adds everything to a web application and builds it.</summary>
    public static WebApplication Build(WebApplicationBuilder builder, GatewayOptions options)
    {
        options.Check();
        IServiceCollection services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        PromptFeatureRanker? ranker = options.Ranker is { } file ? PromptFeatureRanker.Read(file) : null;
        services.AddSingleton<UpstreamFleet>().AddSingleton<UpstreamMetrics>().AddSingleton<UpstreamClient>();
        services.AddSingleton(new PriorityWriter(options, ranker)).AddSingleton<AnswerRelay>().AddSingleton<CompletionForwarding>();
        services.AddMetrics().AddSingleton<PrometheusText>().AddHostedService<UpstreamProbe>();
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
        string policy = options.Policy ?? (ranker is null ? "fcfs" : "pars");
        var live = new LiveView();
        AdmissionGateBuilder gate = services
            .AddLlmAdmissionGate(seats =>
            {
                seats.Instances = options.Upstreams.Count;
                seats.MaxSequences = options.Upstreams.Max(upstream => upstream.Seats ?? options.Seats);
                seats.MaxTokens = options.Upstreams.Max(upstream => upstream.KvTokens ?? options.KvTokens);
                seats.MaxQueuedRequests = options.MaxQueuedRequests;
            })
            .UsePolicy(live.Watch(Policies[policy]), policy)
            .AddObserver(_ => live)
            .UseAssignment(_ => new SeatsOfEach(Assignments[options.Assignment], options))
            .ConfigureHttp(http =>
            {
                http.MaxBodyBytes = options.MaxBodyBytes;
                http.LimitsFor = _ => limits;
                http.Describe = CompletionRequest.Describing(http.Describe);
            });
        if (ranker is not null)
            gate.UsePromptRanker(ranker);

        WebApplication app = builder.Build();
        PrometheusText metrics = app.Services.GetRequiredService<PrometheusText>();
        UpstreamFleet fleet = app.Services.GetRequiredService<UpstreamFleet>();
        AdmissionGate queue = app.Services.GetRequiredService<AdmissionGate>();
        live.Control = new LiveControl([.. Policies.Keys], () => queue.PolicyName, name => queue.UsePolicy(live.Watch(Policies[name]), name))
        {
            Occupancy = () => new LiveOccupancy(queue.GetStatistics().QueuedRequests, fleet.All.Sum(upstream => upstream.Running), fleet.All.Where(upstream => upstream.IsUp).Sum(upstream => options.SeatsOf(upstream.Index))),
        };
        CompletionForwarding forwarding = app.Services.GetRequiredService<CompletionForwarding>();
        app.MapPost("/v1/chat/completions", forwarding.AnswerAsync).RequireLlmScheduling();
        app.MapPost("/v1/completions", forwarding.AnswerAsync).RequireLlmScheduling();
        app.MapGet("/v1/models", () => ModelList.Of(fleet));
        app.MapHealthChecks("/healthz");
        app.MapGet("/metrics", () => Results.Text(metrics.Write(), PrometheusText.ContentType));
        new LivePage(live, new PageAccess(options.PageToken), app.Lifetime.ApplicationStopping).MapTo(app);
        return app;
    }
}
