namespace Gateway;

/// <summary>An upstream has failed in the middle of an answer. Thrown to the server, which then closes the connection, so that no client takes what it got for the whole.</summary>
internal sealed class StreamCutException(string message, Exception? cause) : IOException(message, cause);
