namespace Gateway;

/// <summary>One server behind the gateway.</summary>
internal sealed class UpstreamOptions
{
    /// <summary>Its address without <c>/v1</c>, such as <c>http://gpu1:8000</c>.</summary>
    public required Uri Url { get; set; }

    /// <summary>Requests that it serves at once. Default: <see cref="GatewayOptions.Seats"/>.</summary>
    public int? Seats { get; set; }

    /// <summary>Tokens that its KV cache holds. Default: <see cref="GatewayOptions.KvTokens"/>.</summary>
    public long? KvTokens { get; set; }
}
