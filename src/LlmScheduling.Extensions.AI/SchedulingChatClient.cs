using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI;

/// <summary>Calls another chat client when the request gets its seat at an <see cref="AdmissionGate"/>, and frees the seat when the answer ends.</summary>
/// <remarks>
/// <para>A stream acquires its seat when it is first asked for an update, and holds it until it ends, fails, or is dropped by
/// disposing its enumerator, as leaving an <c>await foreach</c> does. The inner stream is disposed before the seat is freed.</para>
/// <para>Reported to the gate: the first update with content is the first token, and each such update one token; the usage that
/// the inner client tells corrects the count upwards. A whole answer counts by its usage, or else by its text.</para>
/// <para>Telemetry and caching belong outside: then a time includes the wait, and what is cached needs no seat. Any thread; the
/// gate stays its owner's.</para>
/// </remarks>
public sealed class SchedulingChatClient : DelegatingChatClient
{
    private readonly AdmissionGate _gate;
    private readonly ChatRequestReading _reading;
    private readonly SchedulingChatOptions _options;

    /// <summary>Puts <paramref name="innerClient"/> behind <paramref name="gate"/>.</summary>
    /// <param name="innerClient">The client to call; disposed with this one.</param>
    /// <param name="gate">The gate.</param>
    /// <param name="options">How chats become requests; copied. Null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public SchedulingChatClient(IChatClient innerClient, AdmissionGate gate, SchedulingChatOptions? options = null)
        : base(innerClient)
    {
        ArgumentNullException.ThrowIfNull(gate);
        _gate = gate;
        _options = (options ?? new SchedulingChatOptions()).Frozen();
        _reading = new ChatRequestReading(_options);
    }

    /// <inheritdoc/>
    /// <exception cref="AdmissionRefusedException">There was no seat; it says why and when to come again.</exception>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        IReadOnlyCollection<ChatMessage> chat = Once(messages);
        using AdmissionLease lease = await AcquireAsync(chat, options, cancellationToken).ConfigureAwait(false);
        var report = new AnswerReport(lease);
        try
        {
            ChatResponse response = await base.GetResponseAsync(chat, SchedulingProperties.Without(options), cancellationToken).ConfigureAwait(false);
            report.Answered(response, _options.CountTokens);
            return response;
        }
        catch (Exception fault)
        {
            report.Faulted(fault, cancellationToken);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="AdmissionRefusedException">There was no seat; it says why and when to come again.</exception>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return StreamAsync(messages, options, cancellationToken);
    }

    private static IReadOnlyCollection<ChatMessage> Once(IEnumerable<ChatMessage> messages) => messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyCollection<ChatMessage> chat = Once(messages);
        using AdmissionLease lease = await AcquireAsync(chat, options, cancellationToken).ConfigureAwait(false);
        var report = new AnswerReport(lease);
        await using IAsyncEnumerator<ChatResponseUpdate> updates = InnerAsync(chat, SchedulingProperties.Without(options), cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    break;
                report.Updated(updates.Current);
            }
            catch (Exception fault)
            {
                report.Faulted(fault, cancellationToken);
                throw;
            }

            yield return updates.Current;
        }

        report.Ended();
    }

    /// <summary>The inner stream: it is called by the first move, and disposed by the move that finds its end or a fault, so that both are seen before the seat is freed.</summary>
    private async IAsyncEnumerable<ChatResponseUpdate> InnerAsync(IReadOnlyCollection<ChatMessage> chat, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(chat, options, cancellationToken).ConfigureAwait(false))
            yield return update;
    }

    private async ValueTask<AdmissionLease> AcquireAsync(IReadOnlyCollection<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        AdmissionLease lease = await _gate.AcquireAsync(_reading.Read(messages, options), cancellationToken).ConfigureAwait(false);
        return lease.IsAcquired ? lease : throw new AdmissionRefusedException(lease.Refusal.Value, lease.RetryAfter);
    }
}
