namespace Gateway;

/// <summary>Puts into every problem-details body the member <c>error</c> in which clients of the OpenAI API look for a message.</summary>
internal static class OpenAiError
{
    public static void Add(ProblemDetailsContext context)
    {
        int status = context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode;
        context.ProblemDetails.Extensions.TryGetValue("outcome", out object? code);
        string type = status switch { 429 => "rate_limit_error", >= 500 => "server_error", _ => "invalid_request_error" };
        context.ProblemDetails.Extensions["error"] = new { message = context.ProblemDetails.Detail ?? context.ProblemDetails.Title, type, param = (string?)null, code };
    }
}
