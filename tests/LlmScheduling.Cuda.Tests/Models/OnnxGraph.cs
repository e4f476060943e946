using System.Runtime.InteropServices;

namespace LlmScheduling.Cuda.Tests;

/// <summary>Writes an ONNX model node by node, its weights in single or half precision.</summary>
internal sealed class OnnxGraph(OnnxType weights = OnnxType.Float)
{
    private readonly ProtobufWriter _graph = new();
    private readonly List<(string Key, string Value)> _metadata = [];
    private readonly HashSet<string> _domains = [""];
    private int _names;

    /// <summary>The sizes that are 0 are dynamic.</summary>
    public string Input(string name, OnnxType type, params int[] shape)
    {
        _graph.Message(11, ValueInfo(name, type, shape));
        return name;
    }

    public void Output(string name, OnnxType type, params int[] shape) => _graph.Message(12, ValueInfo(name, type, shape));

    public string Weights(float[] values, params int[] shape) => weights == OnnxType.Float
        ? Tensor(OnnxType.Float, MemoryMarshal.AsBytes(values.AsSpan()), shape)
        : Tensor(OnnxType.Half, MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (Half)value).AsSpan()), shape);

    public string Integers(params long[] values) => Tensor(OnnxType.Int64, MemoryMarshal.AsBytes(values.AsSpan()), values.Length);

    public string Integer(long value) => Tensor(OnnxType.Int64, MemoryMarshal.AsBytes(new[] { value }.AsSpan()));

    public string Number(float value) => Weights([value]);

    public string Node(string operation, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = $"n{_names++}";
        Node(operation, inputs, output, attributes);
        return output;
    }

    public void Node(string operation, string[] inputs, string output, params (string Name, object Value)[] attributes) => Node("", operation, inputs, [output], attributes);

    /// <summary>A node of one of ONNX Runtime's own operators is of the domain com.microsoft.</summary>
    public void Node(string domain, string operation, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var node = new ProtobufWriter();
        foreach (string input in inputs)
            node.Text(1, input);
        foreach (string output in outputs)
            node.Text(2, output);
        node.Text(3, $"{operation} of {outputs[0]}").Text(4, operation);
        foreach ((string name, object value) in attributes)
            node.Message(5, Attribute(name, value));
        _graph.Message(1, node.Text(7, domain));
        _domains.Add(domain);
    }

    public void Metadata(string key, string value) => _metadata.Add((key, value));

    public byte[] ToModel(long operatorSet = 17)
    {
        var model = new ProtobufWriter().Number(1, 8).Text(2, "LlmScheduling.Cuda.Tests").Message(7, _graph.Text(2, "ranker"));
        foreach (string domain in _domains)
            model.Message(8, new ProtobufWriter().Text(1, domain).Number(2, domain == "" ? operatorSet : 1));
        foreach ((string key, string value) in _metadata)
            model.Message(14, new ProtobufWriter().Text(1, key).Text(2, value));
        return model.ToArray();
    }

    private string Tensor(OnnxType type, ReadOnlySpan<byte> bytes, params int[] shape)
    {
        string name = $"w{_names++}";
        var tensor = new ProtobufWriter();
        foreach (int size in shape)
            tensor.Number(1, size);
        _graph.Message(5, tensor.Number(2, (int)type).Text(8, name).Bytes(9, bytes));
        return name;
    }

    private static ProtobufWriter Attribute(string name, object value)
    {
        ProtobufWriter attribute = new ProtobufWriter().Text(1, name);
        switch (value)
        {
            case float number:
                return attribute.Float(2, number).Number(20, 1);
            case int[] numbers:
                foreach (int number in numbers)
                    attribute.Number(8, number);
                return attribute.Number(20, 7);
            default:
                return attribute.Number(3, Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)).Number(20, 2);
        }
    }

    private static ProtobufWriter ValueInfo(string name, OnnxType type, int[] sizes)
    {
        var shape = new ProtobufWriter();
        for (int i = 0; i < sizes.Length; i++)
            shape.Message(1, sizes[i] > 0 ? new ProtobufWriter().Number(1, sizes[i]) : new ProtobufWriter().Text(2, i == 0 ? "batch" : $"{name} {i}"));
        ProtobufWriter tensor = new ProtobufWriter().Number(1, (int)type).Message(2, shape);
        return new ProtobufWriter().Text(1, name).Message(2, new ProtobufWriter().Message(1, tensor));
    }
}
