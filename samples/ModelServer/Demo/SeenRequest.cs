/// <summary>What a client saw of its request, in seconds of the engine's clock.</summary>
/// <param name="Status">The response's status; 0 where there was none.</param>
/// <param name="FirstText">From sending to the first text; NaN where there was none.</param>
/// <param name="End">From sending to the end.</param>
/// <param name="Pieces">Pieces of text.</param>
/// <param name="Finish">The reason that was given at the end; null where none was.</param>
internal readonly record struct SeenRequest(int Status, double FirstText, double End, int Pieces, string? Finish)
{
    public bool IsWhole => Status == 200 && Finish is not null;
}
