namespace LlmScheduling.Simulation.Tests.Calibration;

public sealed class LogAccuracyTests
{
    private static readonly LoggedRequest[] Logged = [new("", 1, 11, 0, 1, 11), new("", 1, 1, 0, 5, 5), new("", 1, 6, 10, 20, 30)];

    [Fact]
    public void Of_TheSame_HasNoError()
    {
        LogAccuracy accuracy = LogAccuracy.Of(Logged, Logged);
        Assert.Equal(new LogAccuracy(0, 0, 0, 0, 0, 1, 0, 3), accuracy with { CompletionTauB = Math.Round(accuracy.CompletionTauB, 12) });
    }

    [Fact]
    public void Of_SlowerSimulation_HasPositiveErrors()
    {
        LoggedRequest[] simulated = [Logged[0] with { FirstTokenAt = 2, EndedAt = 13 }, Logged[1], Logged[2] with { EndedAt = 33 }];
        LogAccuracy accuracy = LogAccuracy.Of(Logged, simulated);
        Assert.Equal(41.0 / 36 - 1, accuracy.EndToEndMeanError, 9);
        Assert.Equal((2.0 / 11 + 0 + 3.0 / 20) / 3, accuracy.EndToEndMape, 9);
        Assert.Equal((1.1 + 2.6) / (1 + 2) - 1, accuracy.TpotMeanError, 9);
        Assert.Equal(17.0 / 16 - 1, accuracy.TtftMeanError, 9);
        Assert.Equal(33.0 / 30 - 1, accuracy.MakespanError, 9);
        Assert.Equal(accuracy.MakespanError, accuracy.ToFigures()["makespan_error"]);
    }
}
