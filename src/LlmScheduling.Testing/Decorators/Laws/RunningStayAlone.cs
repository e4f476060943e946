namespace LlmScheduling.Testing;

internal sealed class RunningStayAlone() : DecoratorLaw("RunningStayAlone", "Keys of running requests stay as they are inside.")
{
    public override string? ViolationIn(SnapshotCase snapshot, Func<ISchedulingPolicy, ISchedulingPolicy> decorate) =>
        InnerAndOuter.Of(snapshot, decorate, score => score).First(snapshot, (request, inner, outer) => request.Phase == RequestPhase.Running && inner != outer);
}
