using Microsoft.ML.OnnxRuntime.Tensors;

namespace LlmScheduling;

/// <summary>One input of a model.</summary>
internal readonly record struct ModelTensor(string Name, TensorElementType Type);
