using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace LlmScheduling.Extensions.AI.Tests;

public sealed class SchedulingChatClientTests : IDisposable
{
    private readonly ChatRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task GetResponse_WithAFreeSeat_AnswersAndReportsItsUsage()
    {
        _rig.Inner.Answer = _ =>
        {
            Assert.Equal(0, _rig.FreeSeats);
            _rig.Clock.Advance(TimeSpan.FromSeconds(2));
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")) { Usage = new() { OutputTokenCount = 11 }, FinishReason = ChatFinishReason.Length });
        };

        ChatResponse response = await _rig.Client.GetResponseAsync("hello", new ChatOptions { MaxOutputTokens = 50 });

        Assert.Equal("hi", response.Text);
        EndedRequest ended = Assert.Single(_rig.Ended);
        Assert.Equal((RequestOutcome.Completed, FinishReason.Length, 11, TimeSpan.FromSeconds(2)), (ended.Outcome, ended.Finish, ended.GeneratedTokens, ended.FirstTokenAt));
        Assert.Equal(1, _rig.FreeSeats);
    }

    [Fact]
    public async Task GetResponse_WithoutUsage_CountsItsText()
    {
        await _rig.Client.GetResponseAsync("hello");

        EndedRequest ended = Assert.Single(_rig.Ended);
        Assert.Equal((FinishReason.Stop, 3), (ended.Finish, ended.GeneratedTokens));
    }

    [Fact]
    public async Task GetResponse_WhileTheSeatIsTaken_Waits()
    {
        AdmissionLease seat = await _rig.SeatAsync();
        Task<ChatResponse> waiting = _rig.Client.GetResponseAsync("hello");
        Assert.Null(_rig.Inner.Messages);

        seat.Dispose();

        Assert.Equal("hello you", (await waiting).Text);
    }

    [Fact]
    public async Task GetResponse_Refused_ThrowsWhyAndWhenToComeAgain()
    {
        using var rig = new ChatRig(gate: new AdmissionGateOptions { MaxSequences = 1, MaxQueuedRequests = 1 });
        AdmissionLease seat = await rig.SeatAsync();
        Task<AdmissionLease> next = rig.SeatAsync();
        rig.Clock.Advance(TimeSpan.FromSeconds(4));
        seat.Dispose();
        await next;
        Task<AdmissionLease> waiting = rig.SeatAsync();

        AdmissionRefusedException refused = await Assert.ThrowsAsync<AdmissionRefusedException>(() => rig.Client.GetResponseAsync("hello"));

        Assert.Equal((RequestOutcome.QueueFull, TimeSpan.FromSeconds(8)), (refused.Outcome, refused.RetryAfter));
        Assert.Null(rig.Inner.Messages);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task GetResponse_CancelledWhileQueued_LeavesTheQueue()
    {
        using AdmissionLease seat = await _rig.SeatAsync();
        using var caller = new CancellationTokenSource();
        Task<ChatResponse> waiting = _rig.Client.GetResponseAsync("hello", cancellationToken: caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal((RequestOutcome.Cancelled, 0), (Assert.Single(_rig.Ended).Outcome, _rig.Gate.GetStatistics().QueuedRequests));
    }

    [Fact]
    public async Task GetResponse_CancelledWhileServed_IsCancelled()
    {
        using var caller = new CancellationTokenSource();
        _rig.Inner.Answer = async token =>
        {
            await caller.CancelAsync();
            token.ThrowIfCancellationRequested();
            return new ChatResponse();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _rig.Client.GetResponseAsync("hello", cancellationToken: caller.Token));

        Assert.Equal((RequestOutcome.Cancelled, 1), (Assert.Single(_rig.Ended).Outcome, _rig.FreeSeats));
    }

    [Fact]
    public async Task GetResponse_ThatThrows_HasFailed()
    {
        _rig.Inner.Answer = _ => throw new InvalidOperationException("broken");

        await Assert.ThrowsAsync<InvalidOperationException>(() => _rig.Client.GetResponseAsync("hello"));

        Assert.Equal((RequestOutcome.Failed, 1), (Assert.Single(_rig.Ended).Outcome, _rig.FreeSeats));
    }

    [Fact]
    public async Task Stream_ToItsEnd_ReportsFirstTokenAndTokens()
    {
        _rig.Inner.Stream = _ => StreamAsync();
        int seen = 0;

        await foreach (ChatResponseUpdate update in _rig.Client.GetStreamingResponseAsync("hello"))
        {
            seen++;
            Assert.Equal(0, _rig.FreeSeats);
        }

        EndedRequest ended = Assert.Single(_rig.Ended);
        Assert.Equal((4, RequestOutcome.Completed, FinishReason.Length), (seen, ended.Outcome, ended.Finish));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), 2), (ended.FirstTokenAt, ended.EndedAt, ended.GeneratedTokens));

        async IAsyncEnumerable<ChatResponseUpdate> StreamAsync()
        {
            await Task.Yield();
            _rig.Clock.Advance(TimeSpan.FromSeconds(1));
            yield return new ChatResponseUpdate(ChatRole.Assistant, "");
            _rig.Clock.Advance(TimeSpan.FromSeconds(1));
            yield return new ChatResponseUpdate(ChatRole.Assistant, "one");
            _rig.Clock.Advance(TimeSpan.FromSeconds(1));
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("two")]);
            yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Length };
        }
    }

    [Fact]
    public async Task Stream_ThatThrowsBeforeItIsOne_HasFailed()
    {
        using var client = new SchedulingChatClient(new NoStreamClient(_rig.Inner), _rig.Gate);

        await Assert.ThrowsAsync<NotSupportedException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hello"))
            {
            }
        });

        Assert.Equal((RequestOutcome.Failed, 1), (Assert.Single(_rig.Ended).Outcome, _rig.FreeSeats));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_ThatEndsOrFaults_IsDisposedBeforeItsSeatIsFree(bool faults)
    {
        int freeAtDisposal = -1;
        _rig.Inner.Stream = _ => new DisposalProbe(StreamAsync(), () => freeAtDisposal = _rig.FreeSeats);

        Exception? fault = await Record.ExceptionAsync(async () =>
        {
            await foreach (ChatResponseUpdate _ in _rig.Client.GetStreamingResponseAsync("hello"))
            {
            }
        });

        Assert.Equal((faults, 0, 1), (fault is InvalidOperationException, freeAtDisposal, _rig.FreeSeats));
        Assert.Equal(faults ? RequestOutcome.Failed : RequestOutcome.Completed, Assert.Single(_rig.Ended).Outcome);

        async IAsyncEnumerable<ChatResponseUpdate> StreamAsync()
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "one");
            if (faults)
                throw new InvalidOperationException("broken");
        }
    }

    [Fact]
    public async Task Stream_WithUsage_IsCorrectedByIt()
    {
        _rig.Inner.Stream = _ => StreamAsync();

        await foreach (ChatResponseUpdate _ in _rig.Client.GetStreamingResponseAsync("hello"))
        {
        }

        Assert.Equal(9, Assert.Single(_rig.Ended).GeneratedTokens);

        static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync()
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "several tokens at once");
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { OutputTokenCount = 9 })]);
        }
    }

    [Fact]
    public async Task Stream_NobodyEnumerates_TakesNoSeat()
    {
        _ = _rig.Client.GetStreamingResponseAsync("hello");

        Assert.Equal(1, _rig.FreeSeats);
        using AdmissionLease seat = await _rig.SeatAsync();
        Assert.True(seat.IsAcquired);
    }

    [Fact]
    public async Task Stream_Dropped_EndsTheInnerOneAndFreesTheSeat()
    {
        await foreach (ChatResponseUpdate _ in _rig.Client.GetStreamingResponseAsync("hello"))
            break;

        EndedRequest ended = Assert.Single(_rig.Ended);
        Assert.Equal((RequestOutcome.Cancelled, 1, 1, true), (ended.Outcome, ended.GeneratedTokens, _rig.FreeSeats, _rig.Inner.IsStreamEnded));
    }

    [Fact]
    public async Task Stream_ConsumerThrows_FreesTheSeat()
    {
        await Assert.ThrowsAsync<FormatException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in _rig.Client.GetStreamingResponseAsync("hello"))
                throw new FormatException();
        });

        Assert.Equal((RequestOutcome.Cancelled, 1), (Assert.Single(_rig.Ended).Outcome, _rig.FreeSeats));
    }

    [Fact]
    public async Task Stream_Cancelled_IsCancelledAndFreesTheSeat()
    {
        using var caller = new CancellationTokenSource();
        _rig.Inner.Stream = StreamAsync;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in _rig.Client.GetStreamingResponseAsync("hello").WithCancellation(caller.Token))
                await caller.CancelAsync();
        });

        Assert.Equal((RequestOutcome.Cancelled, 1), (Assert.Single(_rig.Ended).Outcome, _rig.FreeSeats));

        static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "one");
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "two");
        }
    }

    [Fact]
    public async Task Stream_ThatFaults_HasFailedAndFreesTheSeat()
    {
        _rig.Inner.Stream = _ => StreamAsync();
        int seen = 0;

        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in _rig.Client.GetStreamingResponseAsync("hello"))
                seen++;
        });

        Assert.Equal((1, RequestOutcome.Failed, 1), (seen, Assert.Single(_rig.Ended).Outcome, _rig.FreeSeats));

        static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync()
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "one");
            throw new InvalidOperationException("broken");
        }
    }

    [Fact]
    public async Task Stream_Refused_ThrowsOnTheFirstUpdate()
    {
        _rig.Gate.Dispose();

        AdmissionRefusedException refused = await Assert.ThrowsAsync<AdmissionRefusedException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in _rig.Client.GetStreamingResponseAsync("hello"))
            {
            }
        });

        Assert.Equal((RequestOutcome.ShutDown, null), (refused.Outcome, refused.RetryAfter));
    }

    [Fact]
    public async Task Stream_ManyAtOnce_ShareTheSeatInTurn()
    {
        Task<int>[] answers = [.. Enumerable.Range(0, 50).Select(async _ =>
        {
            int updates = 0;
            await foreach (ChatResponseUpdate update in _rig.Client.GetStreamingResponseAsync("hello"))
            {
                Assert.Equal(0, _rig.FreeSeats);
                updates++;
            }

            return updates;
        })];

        Assert.All(await Task.WhenAll(answers), updates => Assert.Equal(2, updates));
        using AdmissionLease seat = await _rig.SeatAsync();
        Assert.True(seat.IsAcquired);
    }

    [Fact]
    public void Dispose_TakesTheInnerClientAlong_AndNotTheGate()
    {
        _rig.Client.Dispose();

        Assert.True(_rig.Inner.IsDisposed);
        Assert.True(_rig.Gate.GetStatistics().IsAccepting);
    }
}
