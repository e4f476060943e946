using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace LlmScheduling;

/// <summary>
/// The instruments of one scheduler or gate, under the names of the OpenTelemetry GenAI conventions where there is one. Recording
/// allocates nothing. No tenant, request id or traffic class becomes a label: they come from clients and are not bounded.
/// </summary>
internal sealed class SchedulerMetrics : ISchedulingObserver, IDisposable
{
    public const string MeterName = "LlmScheduling";
    public const long NotMeasured = long.MinValue;

    private const string ComponentTag = "llm_scheduling.component";
    private const string PolicyTag = "llm_scheduling.policy";
    private const string SchedulerTag = "llm_scheduling.scheduler";
    private const string OutcomeTag = "llm_scheduling.outcome";

    private static readonly object Met = true, Missed = false;

    private static readonly double[] RequestBuckets = [.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly double[] FirstTokenBuckets = [.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] PerTokenBuckets = [.01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5];
    private static readonly double[] CallBuckets = [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, .001, .0025, .005, .01, .1, 1];

    private readonly TimeProvider _time;
    private readonly string _component;
    private readonly string _name;
    private readonly Meter? _ownMeter;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _perToken;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _queueDuration;
    private readonly Histogram<double> _policyDuration;
    private readonly Histogram<double> _rankerDuration;
    private readonly Histogram<double> _annealerDuration;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _attainment;
    private readonly Counter<long> _policyFaults;
    private readonly Counter<long> _annealerFaults;
    private readonly Counter<long> _promotions;
    private QueueBound? _queue;

    /// <param name="component"><c>scheduler</c> or <c>gate</c>: a request may pass through both.</param>
    /// <param name="services">Name, clock and meter factory.</param>
    /// <param name="queue">What waits.</param>
    /// <param name="policy">The stack in force.</param>
    public SchedulerMetrics(string component, SchedulerServices services, QueueBound queue, string policy)
    {
        (_component, _time, _name, _queue, Policy) = (component, services.TimeProvider, services.Name, queue, policy);
        Meter meter = services.MeterFactory?.Create(MeterName) ?? (_ownMeter = new Meter(MeterName));
        _firstToken = Seconds(meter, "gen_ai.server.time_to_first_token", "From arrival to the first token.", FirstTokenBuckets);
        _perToken = Seconds(meter, "gen_ai.server.time_per_output_token", "Mean time per output token after the first.", PerTokenBuckets);
        _duration = Seconds(meter, "gen_ai.server.request.duration", "From arrival to the end, of requests that were queued.", RequestBuckets);
        _queueDuration = Seconds(meter, "llm_scheduling.queue.duration", "From arrival to first admission; with an outcome, to an end without admission.", RequestBuckets);
        _policyDuration = Seconds(meter, "llm_scheduling.policy.duration", "One call of the policy.", CallBuckets);
        _rankerDuration = Seconds(meter, "llm_scheduling.ranker.duration", "One call of the ranker.", FirstTokenBuckets);
        _annealerDuration = Seconds(meter, "llm_scheduling.annealer.duration", "One plan of the queue.", CallBuckets);
        _requests = meter.CreateCounter<long>("llm_scheduling.requests", "{request}", "Requests that ended, by outcome; those refused on arrival included.");
        _attainment = meter.CreateCounter<long>("llm_scheduling.slo.attainment", "{request}", "Requests with an objective that ended, by whether it was met.");
        _policyFaults = meter.CreateCounter<long>("llm_scheduling.policy.faults", "{fault}", "Calls in which the policy threw or answered NaN.");
        _annealerFaults = meter.CreateCounter<long>("llm_scheduling.annealer.faults", "{fault}", "Plans of the queue in which the annealer threw.");
        _promotions = meter.CreateCounter<long>("llm_scheduling.starvation.promotions", "{request}", "Admissions that a guard had put before the ordinary order.");
        meter.CreateObservableUpDownCounter("llm_scheduling.queue.length", () => Observe(static waiting => waiting.Requests), "{request}", "Requests that wait for their first admission.");
        meter.CreateObservableUpDownCounter("llm_scheduling.queue.tokens", () => Observe(static waiting => waiting.Tokens), "{token}", "Prompt tokens that wait for their first admission.");
    }

    /// <summary>Name of the stack in force; a label of every measurement.</summary>
    public string Policy { get; set; }

    /// <summary>Starts measuring a call of the policy; <see cref="NotMeasured"/> when nobody listens.</summary>
    public long PolicyAsked() => _policyDuration.Enabled ? _time.GetTimestamp() : NotMeasured;

    public void PolicyAnswered(long asked)
    {
        if (asked != NotMeasured)
            _policyDuration.Record(_time.GetElapsedTime(asked).TotalSeconds, Tags());
    }

    public void PolicyFaulted() => _policyFaults.Add(1, Tags());

    /// <summary>Starts measuring a call of the ranker. Any thread.</summary>
    public long RankerAsked() => _time.GetTimestamp();

    public void RankerAnswered(long asked) => _rankerDuration.Record(_time.GetElapsedTime(asked).TotalSeconds, Tags());

    /// <summary>Starts measuring a plan of the queue. Any thread.</summary>
    public long AnnealerAsked() => _time.GetTimestamp();

    public void AnnealerAnswered(long asked) => _annealerDuration.Record(_time.GetElapsedTime(asked).TotalSeconds, Tags());

    public void AnnealerFaulted() => _annealerFaults.Add(1, Tags());

    /// <summary>Counts a request refused on arrival. Any thread.</summary>
    public void Refused(RequestOutcome outcome) => Count(outcome);

    /// <summary>Counts a first admission after <paramref name="wait"/>.</summary>
    public void Admitted(TimeSpan wait) => _queueDuration.Record(wait.TotalSeconds, Tags());

    /// <summary>Counts an admission, first or repeated, by a key in a tier before the ordinary one.</summary>
    public void Promoted() => _promotions.Add(1, Tags());

    /// <summary>Counts a first token <paramref name="sinceArrival"/> after its request arrived.</summary>
    public void FirstToken(TimeSpan sinceArrival) => _firstToken.Record(sinceArrival.TotalSeconds, Tags());

    public void OnPlanned(in SchedulingSnapshot snapshot, BatchPlan plan)
    {
    }

    public void OnStepCompleted(in BatchShape shape, TimeSpan duration)
    {
    }

    public void OnRequestEnded(in EndedRequest request)
    {
        Count(request.Outcome);
        TimeSpan lived = request.EndedAt - request.ArrivedAt;
        TagList tags = Tags();
        if (request.GeneratedTokens > 1)
            _perToken.Record((request.EndedAt - request.FirstTokenAt).TotalSeconds / (request.GeneratedTokens - 1), tags);
        if (request.MetObjective is { } met)
        {
            TagList attained = tags;
            attained.Add("llm_scheduling.slo.met", met ? Met : Missed);
            _attainment.Add(1, attained);
        }

        if (request.AdmittedAt == TimeSpan.MaxValue)
        {
            TagList left = tags;
            left.Add(OutcomeTag, OutcomeName.Of(request.Outcome));
            _queueDuration.Record(lived.TotalSeconds, left);
        }

        if (request.Outcome != RequestOutcome.Completed)
            tags.Add("error.type", OutcomeName.Of(request.Outcome));
        _duration.Record(lived.TotalSeconds, tags);
    }

    /// <summary>Ends a meter of its own; one of a factory lives on, without this scheduler's queue.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _queue, null);
        _ownMeter?.Dispose();
    }

    private static Histogram<double> Seconds(Meter meter, string name, string description, double[] buckets) =>
        meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    private TagList Tags()
    {
        var tags = new TagList { { ComponentTag, _component }, { PolicyTag, Policy } };
        if (_name.Length > 0)
            tags.Add(SchedulerTag, _name);
        return tags;
    }

    private void Count(RequestOutcome outcome)
    {
        TagList tags = Tags();
        tags.Add(OutcomeTag, OutcomeName.Of(outcome));
        _requests.Add(1, tags);
    }

    private IEnumerable<Measurement<long>> Observe(Func<QueueBound, long> read) =>
        Volatile.Read(ref _queue) is { } queue ? [new Measurement<long>(read(queue), Tags())] : [];
}
