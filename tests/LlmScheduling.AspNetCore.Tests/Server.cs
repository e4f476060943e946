namespace LlmScheduling.AspNetCore.Tests;

public enum Server
{
    /// <summary>In memory, without sockets.</summary>
    Test,

    /// <summary>A real one on a free port.</summary>
    Kestrel,
}
