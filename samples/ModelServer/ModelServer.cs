using System.Diagnostics.Metrics;
using System.Text;
using LlmScheduling;
using LlmScheduling.Samples;

/// <summary>
/// An OpenAI-compatible server that owns its engine: server threads hand requests in, one thread runs the engine's loop and
/// batches continuously. The file to copy from; the engine is behind <see cref="IModelEngine"/>.
/// </summary>
internal sealed partial class ModelServer
{
    private readonly IModelEngine _engine;
    private readonly ServerOptions _options;
    private readonly BatchScheduler _scheduler;
    private readonly ILogger _logger;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TaskCompletionSource _loopEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _schedulingTicks;

    private ModelServer(IModelEngine engine, ServerOptions options, BatchScheduler scheduler, IServiceProvider services)
    {
        (_engine, _options, _scheduler) = (engine, options, scheduler);
        _logger = services.GetRequiredService<ILogger<ModelServer>>();
        _lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        Meter meter = services.GetRequiredService<IMeterFactory>().Create("ModelServer");
        meter.CreateObservableCounter("model_server.scheduling.time", () => TimeSpan.FromTicks(Volatile.Read(ref _schedulingTicks)).TotalSeconds, "s", "CPU time of the scheduler's calls of the engine's loop.");
        meter.CreateObservableCounter("process.cpu.time", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Time on the CPU, of the whole process.");
        meter.CreateObservableUpDownCounter("process.memory.usage", () => Environment.WorkingSet, "By", "Memory that the process holds.");
        meter.CreateObservableUpDownCounter("dotnet.heap.size", () => GC.GetGCMemoryInfo().HeapSizeBytes, "By", "Live objects at the last collection.");
    }

    /// <summary>Builds the server; it serves once it is started.</summary>
    /// <param name="engine">What runs the steps. Disposed when its loop ends.</param>
    /// <param name="options">How to serve.</param>
    /// <param name="observers">Who else watches.</param>
    public static WebApplication Build(IModelEngine engine, ServerOptions options, params IReadOnlyList<ISchedulingObserver> observers)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(options.Url);
        builder.WebHost.ConfigureKestrel(kestrel => (kestrel.AddServerHeader, kestrel.Limits.MaxRequestBodySize) = (false, options.MaxBodyBytes));
        // Kestrel tells of every stream that is broken off on purpose; what failed a request is logged here.
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain + TimeSpan.FromSeconds(5));
        builder.Services.AddMetrics().AddSingleton(engine).AddSingleton<PrometheusText>();

        // The policy and what each class of traffic is promised; the page watches both.
        var live = new LiveView();
        SchedulingStack[] stacks = [.. options.Stacks.Select(stack => stack with { Policy = live.Watch(stack.Policy) })];
        BatchSchedulerOptions capacity = engine.Capacity;
        capacity.MaxQueuedRequests = options.MaxQueued ?? capacity.MaxQueuedRequests;
        builder.Services.AddSingleton(services => new BatchScheduler(stacks[0], capacity, new SchedulerServices
        {
            Slo = new TrafficClassSlo(options.Promises),
            Latency = engine.Latency,
            Ranker = options.Ranker,
            LengthPredictor = options.Ranker,
            TimeProvider = engine.Time,
            Observers = [live, .. observers],
            LoggerFactory = services.GetService<ILoggerFactory>(),
            MeterFactory = services.GetService<IMeterFactory>(),
        }));

        WebApplication app = builder.Build();
        var prometheus = app.Services.GetRequiredService<PrometheusText>();
        var scheduler = app.Services.GetRequiredService<BatchScheduler>();
        var server = new ModelServer(engine, options, scheduler, app.Services);

        // A new stack is in force from the next step on.
        live.Control = new LiveControl([.. stacks.Select(stack => stack.Name)], () => scheduler.Stack.Name, name => scheduler.Stack = stacks.First(stack => stack.Name == name));
        app.Use(server.AnswerErrorsAsync);
        app.UseStatusCodePages(context => new ApiError(context.HttpContext.Response.StatusCode, "There is nothing here, or not by this method.", "invalid_request_error").WriteAsync(context.HttpContext));
        app.MapPost("/v1/chat/completions", context => server.CompleteAsync(context, isChat: true));
        app.MapPost("/v1/completions", context => server.CompleteAsync(context, isChat: false));
        app.MapGet("/v1/models", () => Results.Json(new { @object = "list", data = new[] { new { id = engine.Model, @object = "model", created = 0, owned_by = "here" } } }));
        app.MapGet("/healthz", server.Health);
        // Where vLLM and others have it: gateways ask there.
        app.MapGet("/health", server.Health);
        app.MapGet("/metrics", () => Results.Text(prometheus.Write(), PrometheusText.ContentType));
        new LivePage(live, new PageAccess(options.PageToken), app.Lifetime.ApplicationStopping).MapTo(app);
        server.Start();
        return app;
    }

    /// <summary>The engine's loop has a thread of its own: a pool that is busy with answers must not hold a step up.</summary>
    private void Start()
    {
        _lifetime.ApplicationStarted.Register(() => new Thread(RunEngine) { Name = "engine", IsBackground = true }.Start());
        _lifetime.ApplicationStopping.Register(() => _ = DrainAsync());
    }

    /// <summary>Who came is served for a while; who is left then ends as shut down, and is told so.</summary>
    private async Task DrainAsync()
    {
        _scheduler.StopAccepting();
        await Task.WhenAny(_loopEnded.Task, Task.Delay(_options.Drain));
        _scheduler.Dispose();
    }

    private void RunEngine()
    {
        try
        {
            var output = new StepOutput();
            while (_scheduler.WaitForWorkAsync() is var wait && (wait.IsCompletedSuccessfully ? wait.Result : wait.AsTask().GetAwaiter().GetResult()))
                Step(output);
        }
        catch (Exception fault)
        {
            EngineStopped(_logger, fault);
            _lifetime.StopApplication();
        }
        finally
        {
            // Nobody plans any more: whoever still waits is told.
            _scheduler.Dispose();
            _engine.Dispose();
            _loopEnded.TrySetResult();
        }
    }

    /// <summary>Asks for a plan, runs it, says what it did.</summary>
    private void Step(StepOutput output)
    {
        TimeSpan began = ThreadTime.Now;
        BatchPlan plan = _scheduler.PlanStep(_engine.FreeKvBlocks);
        _schedulingTicks += (ThreadTime.Now - began).Ticks;
        foreach (ref readonly RequestHandle request in plan.Preempted)
            _engine.Free(request.Id);
        foreach (ref readonly RequestHandle request in plan.Released)
            _engine.Free(request.Id);
        if (plan.IsEmpty)
            return;

        output.Clear();
        TimeSpan duration = TimeSpan.Zero;
        try
        {
            duration = _engine.Run(plan, output);
            output.Publish();
        }
        catch (Exception fault)
        {
            StepFailed(_logger, plan.Step, fault);
            output.Fail(plan);
        }

        began = ThreadTime.Now;
        _scheduler.CompleteStep(new StepResult { Step = plan.Step, Duration = duration, Progress = output.Progress });
        _schedulingTicks += (ThreadTime.Now - began).Ticks;
        foreach (ref readonly RequestProgress progress in output.Progress)
        {
            if (progress.Finish != FinishReason.None)
                _engine.Free(progress.Id);
        }
    }

    /// <summary>One request, from its body to its last token.</summary>
    private async Task CompleteAsync(HttpContext context, bool isChat)
    {
        ApiRequest asked = await ApiRequest.ReadAsync(context.Request, _engine.Model, isChat);
        Generation generation = Prepare(asked);
        RequestTicket ticket = _scheduler.Enqueue(Describe(context, asked, generation));
        Task ended = generation.EndWithAsync(ticket.Outcome);

        // A client that goes away is cancelled wherever its request is; the next plan frees its seat and its KV blocks.
        await using CancellationTokenRegistration gone = context.RequestAborted.Register(() => _scheduler.Cancel(ticket.Id));
        try
        {
            await AnswerAsync(context, asked, generation, ticket, new ApiReply(isChat, ticket.Id.Sequence, _engine.Model, DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
        }
        finally
        {
            // Nothing happens to one that has ended.
            _scheduler.Cancel(ticket.Id);
            await ended;
        }
    }

    private async Task AnswerAsync(HttpContext context, ApiRequest asked, Generation generation, RequestTicket ticket, ApiReply reply)
    {
        // Nothing is written before there is a first token, so that a refusal can still be a status.
        bool hasText = await generation.Text.WaitToReadAsync();
        RequestOutcome? early = hasText && asked.Stream ? null : await ticket.Outcome;
        if (early is not (null or RequestOutcome.Completed))
            throw ApiError.NotServed(early.Value, ScaledTime.OnTheWall(_engine.Time, _scheduler.EstimateWait().Wait));
        if (asked.Stream)
        {
            await StreamAsync(context, asked, generation, ticket, reply);
            return;
        }

        var text = new StringBuilder();
        while (generation.Text.TryRead(out string? piece))
            text.Append(piece);
        await Results.Text(reply.Whole(text.ToString(), generation), "application/json").ExecuteAsync(context);
    }

    private async Task StreamAsync(HttpContext context, ApiRequest asked, Generation generation, RequestTicket ticket, ApiReply reply)
    {
        HttpResponse response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        reply.WriteRole(response.BodyWriter);
        while (await generation.Text.WaitToReadAsync())
        {
            while (generation.Text.TryRead(out string? piece))
                reply.WriteText(response.BodyWriter, piece);
            await response.BodyWriter.FlushAsync(context.RequestAborted);
        }

        RequestOutcome outcome = await ticket.Outcome;
        if (outcome == RequestOutcome.Completed)
        {
            reply.WriteEnd(response.BodyWriter, generation, asked.IncludeUsage);
            await response.BodyWriter.FlushAsync(context.RequestAborted);
            return;
        }

        // No end, no [DONE], and an exception on which the server closes the connection once this is sent: nobody takes it for a whole answer.
        ApiError error = ApiError.NotServed(outcome, TimeSpan.Zero);
        ApiReply.WriteError(response.BodyWriter, error);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
        throw error;
    }

    private Generation Prepare(ApiRequest asked)
    {
        string prompt = asked.Messages is null ? asked.Prompt : _engine.PromptOf(asked.Messages);
        var generation = new Generation(prompt, asked.Stop) { Temperature = asked.Temperature, TopP = asked.TopP, Seed = asked.Seed };
        _engine.Prepare(generation);
        string parameter = asked.Messages is null ? "prompt" : "messages";
        int room = _engine.MaxContextTokens - generation.PromptTokens;
        if (generation.PromptTokens < 1)
            throw ApiError.BadRequest("The prompt is empty.", parameter);
        if (room < (asked.MaxTokens ?? 1))
            throw ApiError.BadRequest($"The prompt has {generation.PromptTokens} tokens and {asked.MaxTokens ?? 1} are asked for; the model's context holds {_engine.MaxContextTokens}.", parameter, "context_length_exceeded");
        generation.MaxTokens = Math.Min(asked.MaxTokens ?? _options.UsualMaxTokens, room);
        return generation;
    }

    /// <summary>What the scheduler is told. Clients can only ask for less than they are allowed.</summary>
    private InferenceRequest Describe(HttpContext context, ApiRequest asked, Generation generation)
    {
        string trafficClass = context.Request.Headers["X-Traffic-Class"].ToString();
        if (trafficClass.Length > 0 && !_options.Promises.ContainsKey(trafficClass))
            throw ApiError.BadRequest($"The header X-Traffic-Class must be one of: {string.Join(", ", _options.Promises.Keys)}.", "X-Traffic-Class");
        return _options.Limits.Bound(new InferenceRequest
        {
            PromptTokens = generation.PromptTokens,
            MaxOutputTokens = generation.MaxTokens,
            Prompt = generation.Prompt.AsMemory(),
            Tenant = asked.User,
            TrafficClass = trafficClass,
            Priority = asked.Priority,
            State = generation,
        });
    }

    private IResult Health()
    {
        QueueEstimate queue = _scheduler.EstimateWait();
        bool isServing = !_lifetime.ApplicationStopping.IsCancellationRequested && !_loopEnded.Task.IsCompleted;
        return Results.Json(new { status = isServing ? "ok" : "stopping", waiting = queue.RequestsAhead, stack = _scheduler.Stack.Name }, statusCode: isServing ? 200 : 503);
    }

    /// <summary>Whatever goes wrong is answered in the API's shape, or, once an answer has begun, by breaking it off.</summary>
    private async Task AnswerErrorsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception fault)
        {
            if (context.RequestAborted.IsCancellationRequested)
                return;
            ApiError error = fault switch
            {
                ApiError known => known,
                BadHttpRequestException bad => new ApiError(bad.StatusCode, bad.Message, "invalid_request_error"),
                _ => new ApiError(StatusCodes.Status500InternalServerError, "The server failed on this request.", "server_error"),
            };
            if (fault is not (ApiError or BadHttpRequestException))
                RequestFailed(_logger, context.Request.Path, fault);
            if (context.Response.HasStarted)
                throw;
            await error.WriteAsync(context);
        }
    }

    [LoggerMessage(LogLevel.Critical, "The engine's loop has ended; the server stops.")]
    private static partial void EngineStopped(ILogger logger, Exception fault);

    [LoggerMessage(LogLevel.Error, "The engine failed in step {Step}; all of its requests end as failed.")]
    private static partial void StepFailed(ILogger logger, long step, Exception fault);

    [LoggerMessage(LogLevel.Error, "A request to {Path} failed.")]
    private static partial void RequestFailed(ILogger logger, string path, Exception fault);
}
