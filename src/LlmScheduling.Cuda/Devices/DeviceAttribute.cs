namespace LlmScheduling;

/// <summary>What is asked of a device, with the numbers of CUdevice_attribute.</summary>
internal enum DeviceAttribute
{
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    MaxSharedBytesPerBlockOptIn = 97,
}
