namespace LlmScheduling;

/// <summary>Searches on a device, which is current on this thread, and fills the result.</summary>
internal delegate void DeviceSearch(IKernelDevice device, AnnealingProblem problem, AnnealingSchedule result, CancellationToken cancellationToken);
