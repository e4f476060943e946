using WebClients;

namespace ModelServerTests;

public sealed class OnceFilledFolderTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("once-filled-").FullName;

    private string Target => Path.Combine(_parent, "target");

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public async Task Ensure_ByManyAtOnce_LeavesOneWholeFolder()
    {
        int filling = 0;
        var allFill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string?>[] all = [.. Enumerable.Range(0, 8).Select(number => OnceFilledFolder.EnsureAsync(Target, async folder =>
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "first"), $"{number}");
            if (Interlocked.Increment(ref filling) == 8)
                allFill.SetResult();
            await allFill.Task.WaitAsync(ServerRig.Patience);
            Assert.False(File.Exists(Path.Combine(Target, "first")) && !File.Exists(Path.Combine(Target, "second")), "A folder was shown half filled.");
            await File.WriteAllTextAsync(Path.Combine(folder, "second"), $"{number}");
            return null;
        }))];
        Assert.All(await Task.WhenAll(all), Assert.Null);
        Assert.Equal(File.ReadAllText(Path.Combine(Target, "first")), File.ReadAllText(Path.Combine(Target, "second")));
        Assert.Equal([Target], Directory.GetDirectories(_parent));
    }

    [Fact]
    public async Task Ensure_ThatCannotFill_LeavesNothing_AndTheNextTriesAgain()
    {
        Assert.Equal("no network", await OnceFilledFolder.EnsureAsync(Target, _ => Task.FromResult<string?>("no network")));
        await Assert.ThrowsAsync<IOException>(() => OnceFilledFolder.EnsureAsync(Target, _ => throw new IOException("disk full")));
        Assert.Empty(Directory.GetDirectories(_parent));
        Assert.Null(await OnceFilledFolder.EnsureAsync(Target, _ => Task.FromResult<string?>(null)));
        Assert.Null(await OnceFilledFolder.EnsureAsync(Target, _ => Task.FromResult<string?>("not asked")));
    }
}
