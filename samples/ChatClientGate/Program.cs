using LlmScheduling;
using LlmScheduling.Extensions.AI;
using Microsoft.Extensions.AI;

// Two chats at once, two who wait, the more urgent first; whoever else comes is refused.
using var gate = new AdmissionGate(new ByPriority(), new AdmissionGateOptions { MaxSequences = 2, MaxQueuedRequests = 2 });
using IChatClient chat = new EchoChatClient().UseScheduling(gate);

string[] answers = await Task.WhenAll(Enumerable.Range(1, 6).Select(AskAsync));
foreach (string answer in answers)
    Console.WriteLine(answer);

async Task<string> AskAsync(int number)
{
    ChatOptions options = new ChatOptions { MaxOutputTokens = 32 }.WithTenant("acme").WithPriority(number % 2);
    try
    {
        List<string> words = [];
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync($"this is chat {number}", options))
            words.Add(update.Text);
        return string.Concat(words);
    }
    catch (AdmissionRefusedException refused)
    {
        return $"chat {number}: {OutcomeName.Of(refused.Outcome)}, come again after {refused.RetryAfter?.TotalSeconds ?? 1:F0} s";
    }
}
