"""Writes a ranker as OnnxRequestRanker reads it: dynamic batch and length, one score, its direction in the metadata."""

import inspect
import warnings

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

OPERATOR_SET = 17
INPUTS = ["input_ids", "attention_mask"]


def write(ranker, path, half):
    """Exports to a file. With `half`, weights and arithmetic have half precision, the score itself single precision."""
    ranker = ranker.cpu().eval()
    sample = torch.ones(2, 8, dtype=torch.long)
    # The exporter that traces; newer versions of PyTorch have another one, too, and prefer it.
    tracing = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            ranker, (sample, sample), path, opset_version=OPERATOR_SET, input_names=INPUTS, output_names=["score"],
            dynamic_axes={**{name: {0: "batch", 1: "length"} for name in INPUTS}, "score": {0: "batch"}}, **tracing)
    model = onnx.load(path)
    if half:
        _halve(model.graph)
    direction = model.metadata_props.add()
    direction.key, direction.value = "llm_scheduling.score_direction", "longer"
    onnx.save(model, path)


def _halve(graph):
    """All single-precision numbers become half-precision ones, but for those of the last node, which computes the score."""
    last = next(node for node in graph.node if "score" in node.output)
    for tensor in graph.initializer:
        if tensor.name not in last.input:
            _halve_tensor(tensor)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name == "value":
                _halve_tensor(attribute.t)
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == TensorProto.FLOAT:
                attribute.i = TensorProto.FLOAT16
    del graph.value_info[:]
    cast = helper.make_node("Cast", [last.input[0]], ["pooled_single"], to=TensorProto.FLOAT)
    graph.node.insert(list(graph.node).index(last), cast)
    last.input[0] = "pooled_single"


def _halve_tensor(tensor):
    if tensor.data_type == TensorProto.FLOAT:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype("float16"), tensor.name))
