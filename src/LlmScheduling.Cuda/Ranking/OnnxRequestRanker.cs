using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling;

/// <summary>
/// Scores prompts with an ONNX model that was trained to rank them by the length of their answers: an encoder with one score
/// out, as PARS trains BERT (arXiv 2510.03243), or a model of this library's prompt features.
/// </summary>
/// <remarks>
/// <para>
/// An encoder has the inputs input_ids and attention_mask, and token_type_ids if it asks; a feature model idx, val and dense. The
/// output is one number a prompt. CUDA is used where it can be had, and the CPU elsewhere; a batch that fails on CUDA runs on
/// the CPU, which is counted and logged, and CUDA is tried again. Scores are higher for longer answers, whatever the model's own
/// direction; a score that is no finite number leaves its request unranked, as does a prompt that cannot be read.
/// </para>
/// <para>
/// Any number of threads may ask at once: one background thread, below normal priority, gathers what they ask into batches of
/// prompts of like length. A prompt is padded by its own length only, so that its neighbours do not change its order. Disposal
/// ends a run that is under way; calls that wait then fail with <see cref="ObjectDisposedException"/>.
/// </para>
/// </remarks>
public sealed class OnnxRequestRanker : IRequestRanker, IDisposable, IAsyncDisposable
{
    private readonly IPromptReader _reader;
    private readonly RowPool _pool;
    private readonly BatchWorker _worker;
    private int _isDisposed;

    internal OnnxRequestRanker(IPromptReader reader, RowPool pool, BatchWorker worker, bool runsOnCuda) =>
        (_reader, _pool, _worker, RunsOnCuda) = (reader, pool, worker, runsOnCuda);

    /// <summary>Whether the model was loaded onto CUDA; false for the CPU. Batches that fail on CUDA do not change it.</summary>
    public bool RunsOnCuda { get; }

    /// <summary>Loads a model, checks it, and runs it once for every length of batch, so that the first prompt need not wait and a vocabulary that does not fit shows at once.</summary>
    /// <param name="path">The .onnx file.</param>
    /// <param name="options">How; the defaults, unless given.</param>
    /// <param name="loggerFactory">Where one line says whether the model runs on CUDA and if not, why; nowhere, unless given.</param>
    /// <param name="timeProvider">The clock of <see cref="OnnxRankerOptions.MaxBatchDelay"/>; the system's, unless given.</param>
    /// <param name="meterFactory">Makes the meter that counts batches which ran on the CPU since CUDA failed; one of its own, unless given.</param>
    /// <exception cref="InputException">A file is missing or damaged; the model has other inputs, outputs or types; its score's direction is declared nowhere; or it does not fit the vocabulary. The message says what to change.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static OnnxRequestRanker Load(string path, OnnxRankerOptions? options = null, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null, IMeterFactory? meterFactory = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        OnnxRankerOptions frozen = (options ?? new OnnxRankerOptions()).Frozen();
        ILogger logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger(typeof(OnnxRequestRanker).FullName!);
        return new OnnxRankerFile(path, frozen, logger, timeProvider ?? TimeProvider.System, meterFactory, () => ModelSession.OpenOnCuda(path, frozen)).Open();
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">It is disposed, or was before the scores were there.</exception>
    /// <exception cref="OnnxRuntimeException">The model failed.</exception>
    public ValueTask RankAsync(ReadOnlyMemory<RankingInput> requests, Memory<float> scores, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (scores.Length < requests.Length)
            throw new ArgumentException($"There is room for {scores.Length} scores of {requests.Length} requests.", nameof(scores));
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (requests.IsEmpty)
            return ValueTask.CompletedTask;
        ReadOnlySpan<RankingInput> inputs = requests.Span;
        var rows = new PromptRow[inputs.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = _pool.Take();
            Read(inputs[i].Prompt, rows[i]);
        }

        var call = new RankCall(rows, scores[..rows.Length], cancellationToken);
        if (!_worker.TryAdd(call))
            call.Fail(new ObjectDisposedException(nameof(OnnxRequestRanker)));
        return new ValueTask(call.Task);
    }

    /// <summary>Stops, waits for the run that is under way to end, and frees the model.</summary>
    public void Dispose()
    {
        Stop();
        _worker.Ended.GetAwaiter().GetResult();
    }

    /// <summary>Stops, awaits the end of the run that is under way, and frees the model.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _worker.Ended.ConfigureAwait(false);
    }

    private void Read(ReadOnlyMemory<char> prompt, PromptRow row)
    {
        try
        {
            _reader.Read(prompt.Span, row);
        }
        catch (Exception)
        {
            // One prompt that cannot be read must not cost its neighbours their scores.
            row.Length = PromptRow.Unreadable;
        }
    }

    private void Stop()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _worker.Stop();
    }
}
