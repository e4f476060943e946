namespace Gateway;

/// <summary>An upstream has failed a request before anything of its answer was sent to the client.</summary>
internal sealed class UpstreamFault(int status, string message, bool mayRetry, Exception? cause = null) : Exception(message, cause)
{
    public bool MayRetry => mayRetry;

    public Task WriteAsync(HttpContext context) =>
        TypedResults.Problem(Message, statusCode: status, extensions: new Dictionary<string, object?> { ["outcome"] = "failed" }).ExecuteAsync(context);
}
