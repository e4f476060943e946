namespace LlmScheduling;

/// <summary>Chooses where the request at the head of the order runs.</summary>
/// <remarks>
/// Pure, as a policy is; called by one thread at a time. One that throws, or answers an instance that is not there, not
/// available, or without room for the request, is counted and logged, and for that request the available instance with most
/// free sequences is taken.
/// </remarks>
public interface IInstanceAssignment
{
    /// <summary>Returns the index of an instance that <see cref="InstanceView.HasRoomFor">has room</see> for <paramref name="request"/>, or -1 to let it wait; nobody passes it meanwhile.</summary>
    int Choose(in RequestView request, ReadOnlySpan<InstanceView> instances);
}
