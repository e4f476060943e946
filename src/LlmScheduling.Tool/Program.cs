using System.Runtime.InteropServices;
using LlmScheduling.Tool;

using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await CommandTree.RunAsync(args, ToolHost.OfProcess(), stop.Token);

// The first signal lets the command clean up; a second one ends the process as usual.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
