/// <summary>One message of a chat.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">What is said.</param>
internal readonly record struct ChatMessage(string Role, string Content);
