namespace LlmScheduling.Tests;

internal static class Tickets
{
    /// <summary>How the request has ended; null while it has not.</summary>
    public static RequestOutcome? Ended(this RequestTicket ticket) => ticket.Outcome.IsCompletedSuccessfully ? ticket.Outcome.Result : null;
}
