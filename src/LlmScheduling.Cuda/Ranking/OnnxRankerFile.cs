using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace LlmScheduling;

/// <summary>Makes a ranker of a model file: header, direction, session, inputs, vocabulary, memory, warm-up, in this order.</summary>
/// <param name="path">The model.</param>
/// <param name="options">Checked.</param>
/// <param name="logger">Hears where it runs.</param>
/// <param name="clock">Measures delays.</param>
/// <param name="meters">Makes the meter of what falls back.</param>
/// <param name="openOnCuda">Opens a session on CUDA, or throws what ONNX Runtime throws.</param>
internal sealed partial class OnnxRankerFile(string path, OnnxRankerOptions options, ILogger logger, TimeProvider clock, IMeterFactory? meters, Func<InferenceSession> openOnCuda)
{
    private const string FeatureVersion = "llm_scheduling.feature_version", FeatureBits = "llm_scheduling.feature_bits";

    public OnnxRequestRanker Open()
    {
        if (!File.Exists(path))
            throw new InputException(path, null, null, "no file", "an ONNX model");
        OnnxHeader header = OnnxHeader.Read(path);
        ScoreDirection direction = DeclaredDirection.Of(path, header, options.Direction);
        string whyCpu = "CUDA is switched off in the options";
        if (options.UseCuda)
        {
            try
            {
                return Load(openOnCuda(), isCuda: true, header, direction);
            }
            catch (Exception problem) when (problem is OnnxRuntimeException or EntryPointNotFoundException)
            {
                whyCpu = problem.Message.ReplaceLineEndings(" ");
            }
        }

        OnCpu(logger, path, whyCpu);
        return Load(OpenOnCpu(header), isCuda: false, header, direction);
    }

    private InferenceSession OpenOnCpu(OnnxHeader header) => ModelSession.OpenOnCpu(path, options, header);

    private OnnxRequestRanker Load(InferenceSession session, bool isCuda, OnnxHeader header, ScoreDirection direction)
    {
        IBatchScorer? scorer = null;
        try
        {
            var model = new ModelInterface(path, session);
            (IPromptReader reader, LengthBuckets buckets, int padding, int lastId) = Reader(header, model);
            BoundModel Bind(InferenceSession opened, bool onCuda) => new(opened, model, onCuda, options.MaxBatchSize, buckets.Longest, padding);
            BoundModel first = Bind(session, isCuda);
            scorer = first;
            if (isCuda)
            {
                scorer = new CudaThenCpu(first, () => Bind(openOnCuda(), onCuda: true), () => Bind(OpenOnCpu(header), onCuda: false), new FallBacks("ranking", logger, meters), clock);
                OnCuda(logger, path, options.CudaDevice);
            }

            WarmUp(scorer, model, buckets, lastId);
            var pool = new RowPool(buckets.Longest, model.Kind == ModelKind.Features);
            return new OnnxRequestRanker(reader, pool, new BatchWorker(scorer, buckets, pool, options, direction, clock), isCuda);
        }
        catch
        {
            if (scorer is null)
                session.Dispose();
            else
                scorer.Dispose();
            throw;
        }
    }

    private (IPromptReader Reader, LengthBuckets Buckets, int Padding, int LastId) Reader(OnnxHeader header, ModelInterface model)
    {
        if (model.Kind == ModelKind.Encoder)
        {
            string vocabulary = options.VocabularyPath ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "vocab.txt");
            WordPieceTokenizer tokenizer = WordPieceTokenizer.Read(vocabulary, options.LowerCase);
            // A model with a fixed length gets what fits into it.
            LengthBuckets lengths = model.FixedLength > 0 ? LengthBuckets.Only(model.FixedLength) : LengthBuckets.UpTo(options.MaxTokens);
            return (new WordPieceReader(tokenizer, options.MaxTokens), lengths, tokenizer.PaddingId, tokenizer.VocabularySize - 1);
        }

        if (header[FeatureVersion] is not { } version || version != PromptFeatures.Version.ToString(CultureInfo.InvariantCulture))
            throw new InputException(path, null, FeatureVersion, header[FeatureVersion] ?? "nothing", $"{PromptFeatures.Version}: a model trained on the features of this version");
        if (!int.TryParse(header[FeatureBits], NumberStyles.None, CultureInfo.InvariantCulture, out int bits) || bits is < RankerWeights.LeastBits or > RankerWeights.MostBits)
            throw new InputException(path, null, FeatureBits, header[FeatureBits] ?? "nothing", $"{RankerWeights.LeastBits} to {RankerWeights.MostBits}: how many rows the model's table has, as a power of two");
        if (model.FixedLength is > 0 and < PromptFeatures.Most)
            throw new InputException(path, null, "idx", $"the fixed length {model.FixedLength}", $"a dynamic second dimension, or {PromptFeatures.Most} and more");
        LengthBuckets buckets = model.FixedLength > 0 ? LengthBuckets.Only(model.FixedLength) : LengthBuckets.UpTo(PromptFeatures.Most);
        return (new FeatureReader(bits), buckets, 0, (1 << bits) - 1);
    }

    /// <summary>One run a length, with the highest number that a prompt can yield; on CUDA with the largest batch, so that memory that is too small shows now.</summary>
    private void WarmUp(IBatchScorer scorer, ModelInterface model, LengthBuckets buckets, int lastId)
    {
        var row = new PromptRow(buckets.Longest, model.Kind == ModelKind.Features);
        int rows = scorer is CudaThenCpu ? options.MaxBatchSize : 1;
        var batch = new PromptRow[rows];
        Array.Fill(batch, row);
        row.Ids[1] = lastId;
        foreach (int length in buckets.Lengths)
        {
            row.Length = length;
            try
            {
                scorer.Score(batch, length, new float[rows]);
            }
            catch (OnnxRuntimeException problem)
            {
                throw new InputException(path, null, null, $"a failure with {length} numbers up to {lastId} a prompt", $"a model whose embedding has a row for each, and whose positions reach {length} ({nameof(OnnxRankerOptions)}.{nameof(OnnxRankerOptions.MaxTokens)}); ONNX Runtime says: {problem.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    [LoggerMessage(20, LogLevel.Information, "Ranking model {Path} runs on CUDA device {Device}.")]
    private static partial void OnCuda(ILogger logger, string path, int device);

    [LoggerMessage(21, LogLevel.Warning, "Ranking model {Path} runs on the CPU: {Reason}.")]
    private static partial void OnCpu(ILogger logger, string path, string reason);
}
