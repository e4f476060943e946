using System.Diagnostics;

namespace LlmScheduling;

/// <summary>One <c>schedule</c> span per request, from its arrival to its outcome; nothing when nobody listens.</summary>
internal static class SchedulingActivity
{
    private static readonly ActivitySource Source = new("LlmScheduling");

    public static Activity? Start(InferenceRequest request)
    {
        Activity? activity = Source.HasListeners() ? Source.CreateActivity("schedule", ActivityKind.Internal) : null;
        if (activity is null)
            return null;
        Activity? caller = Activity.Current;
        activity.SetTag("llm_scheduling.prompt_tokens", request.PromptTokens).SetTag("llm_scheduling.traffic_class", request.TrafficClass).Start();
        activity.AddEvent(new ActivityEvent("enqueue"));
        Activity.Current = caller;
        return activity;
    }

    public static void Dispatched(Activity? activity) => activity?.AddEvent(new ActivityEvent("dispatch"));

    public static void Refused(Activity? activity, RequestOutcome outcome)
    {
        if (activity is null)
            return;
        activity.SetTag("llm_scheduling.outcome", OutcomeName.Of(outcome)).SetStatus(ActivityStatusCode.Error, OutcomeName.Of(outcome));
        Stop(activity);
    }

    public static void End(Activity? activity, in EndedRequest ended)
    {
        if (ended.Outcome != RequestOutcome.Completed)
        {
            Refused(activity, ended.Outcome);
            return;
        }

        if (activity is null)
            return;
        activity.SetTag("llm_scheduling.outcome", OutcomeName.Of(ended.Outcome));
        Stop(activity);
    }

    /// <summary>Stops it and nothing else: by itself it would make current what was so on its arrival, and whoever decides may be another request.</summary>
    private static void Stop(Activity activity)
    {
        Activity? current = Activity.Current;
        activity.Dispose();
        Activity.Current = current;
    }
}
