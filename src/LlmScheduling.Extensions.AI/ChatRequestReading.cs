using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI;

/// <summary>Turns a chat into what the gate is asked for.</summary>
internal sealed class ChatRequestReading(SchedulingChatOptions options)
{
    public InferenceRequest Read(IReadOnlyCollection<ChatMessage> messages, ChatOptions? chat)
    {
        string prompt = options.PromptOf(messages);
        var request = new InferenceRequest
        {
            Prompt = prompt.AsMemory(),
            PromptTokens = Math.Max(1, options.CountTokens(prompt)),
            MaxOutputTokens = chat?.MaxOutputTokens ?? options.DefaultMaxOutputTokens,
            Tenant = Find<string>(chat, SchedulingProperties.Tenant) ?? "",
            TrafficClass = Find<string>(chat, SchedulingProperties.TrafficClass) ?? "",
            Priority = Find<int?>(chat, SchedulingProperties.Priority) ?? 0,
            Objective = Find<ServiceLevelObjective>(chat, SchedulingProperties.Objective),
            QueueTimeout = Find<TimeSpan?>(chat, SchedulingProperties.QueueTimeout),
        };
        return options.Limits?.Bound(request) ?? request;
    }

    private static T? Find<T>(ChatOptions? chat, string key) =>
        chat?.AdditionalProperties?.TryGetValue(key, out object? value) is not true || value is null ? default
        : value is T found ? found
        : throw new ArgumentException($"ChatOptions.AdditionalProperties[\"{key}\"] is a {value.GetType().Name}; it must be a {(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)).Name}.", nameof(chat));
}
