"""Reads a BERT from a folder as Hugging Face writes it: config.json, and model.safetensors or pytorch_model.bin."""

import json
import os
import pickle
import re
import struct
import zipfile

import torch

from bert import ACTIVATIONS, Ranker, Shape
from input_error import InputError

TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
LONGEST_HEADER = 100_000_000

# Names of ours by those of Hugging Face; old files say gamma and beta for a norm's weight and bias.
NAMES = (
    (r"^(bert|model)\.", ""),
    (r"LayerNorm\.gamma$", "LayerNorm.weight"),
    (r"LayerNorm\.beta$", "LayerNorm.bias"),
    (r"^embeddings\.word_embeddings\.", "words."),
    (r"^embeddings\.position_embeddings\.", "places."),
    (r"^embeddings\.token_type_embeddings\.", "types."),
    (r"^embeddings\.LayerNorm\.", "norm."),
    (r"^encoder\.layer\.", "layers."),
    (r"\.attention\.self\.", "."),
    (r"\.attention\.output\.dense\.", ".mixed."),
    (r"\.attention\.output\.LayerNorm\.", ".mixed_norm."),
    (r"\.intermediate\.dense\.", ".wide."),
    (r"\.output\.dense\.", ".narrow."),
    (r"\.output\.LayerNorm\.", ".narrow_norm."),
    (r"^pooler\.dense\.", "pooler."),
    (r"^classifier\.", "head."),
)


def read(folder, words):
    """The ranker in a folder; its head is new unless the folder has a `classifier` with one output. Also: whether it had."""
    config_path = os.path.join(folder, "config.json")
    config = _json(config_path)
    path, weights = _weights(folder)
    weights = {_name(name): weight for name, weight in weights.items()}
    shape = _shape(config_path, config, has_pooler="pooler.weight" in weights)
    if shape.words < words:
        raise InputError(config_path, None, "vocab_size", str(shape.words), f"{words} or more, the lines of vocab.txt")
    ranker = Ranker(shape)
    has_head = "head.weight" in weights and tuple(weights["head.weight"].shape) == (1, shape.width)
    state = ranker.state_dict()
    for name, own in state.items():
        if name.startswith("head.") and not has_head:
            continue
        if name not in weights:
            raise InputError(path, None, name, "no such weights", f"those of a BERT with {shape.layers} layers, as config.json says")
        if weights[name].shape != own.shape:
            raise InputError(path, None, name, f"the shape {list(weights[name].shape)}", f"{list(own.shape)}, as config.json says")
        state[name] = weights[name].to(torch.float32)
    ranker.load_state_dict(state)
    return ranker, has_head


def is_lower_case(folder):
    """Whether the folder's tokenizer lower-cases, as it does unless it says otherwise."""
    path = os.path.join(folder, "tokenizer_config.json")
    return _json(path).get("do_lower_case", True) is not False if os.path.exists(path) else True


def _shape(path, config, has_pooler):
    def bad(field, allowed):
        return InputError(path, None, field, json.dumps(config[field]) if field in config else "nothing", allowed)

    def count(field):
        value = config.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise bad(field, "a whole number from 1")
        return value

    if config.get("model_type", "bert") != "bert":
        raise bad("model_type", '"bert"')
    if config.get("hidden_act", "gelu") not in ACTIVATIONS:
        raise bad("hidden_act", " or ".join(ACTIVATIONS))
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise bad("position_embedding_type", '"absolute"')
    if count("hidden_size") % count("num_attention_heads"):
        raise bad("num_attention_heads", f"a divisor of hidden_size, {config['hidden_size']}")
    return Shape(
        words=count("vocab_size"), width=count("hidden_size"), layers=count("num_hidden_layers"), heads=count("num_attention_heads"),
        inner=count("intermediate_size"), positions=count("max_position_embeddings"), types=count("type_vocab_size"), activation=config.get("hidden_act", "gelu"),
        epsilon=config.get("layer_norm_eps", 1e-12), dropout=config.get("hidden_dropout_prob", 0.1), has_pooler=has_pooler)


def _name(name):
    for pattern, replacement in NAMES:
        name = re.sub(pattern, replacement, name)
    return name


def _weights(folder):
    path = os.path.join(folder, "model.safetensors")
    if os.path.exists(path):
        return path, _safetensors(path)
    path = os.path.join(folder, "pytorch_model.bin")
    if not os.path.exists(path):
        raise InputError(folder, None, None, "neither model.safetensors nor pytorch_model.bin", "a folder of Hugging Face with a BERT's weights")
    try:
        # Weights only: a pickle from elsewhere must not run code here.
        return path, torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile) as fault:
        raise InputError(path, None, None, f"no weights ({fault})", "what torch.save writes of a state_dict") from None


def _safetensors(path):
    """Eight bytes of length, a header in JSON, numbers (github.com/huggingface/safetensors, Format)."""
    try:
        with open(path, "rb") as file:
            length, = struct.unpack("<Q", file.read(8))
            if length > LONGEST_HEADER:
                raise ValueError("its header is too long")
            header, data = json.loads(file.read(length)), bytearray(file.read())
        weights = {}
        for name, tensor in header.items():
            if name != "__metadata__" and tensor["dtype"] in TYPES:
                start, end = tensor["data_offsets"]
                flat = torch.frombuffer(data[start:end], dtype=TYPES[tensor["dtype"]]) if end > start else torch.empty(0)
                weights[name] = flat.reshape(tensor["shape"])
        return weights
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, struct.error) as fault:
        raise InputError(path, None, None, f"damaged or cut-off data ({fault})", "a whole safetensors file") from None


def _json(path):
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
    except FileNotFoundError:
        raise InputError(path, None, None, "no such file", "a file that can be read") from None
    except ValueError as fault:
        raise InputError(path, None, None, f"what is not JSON ({fault})", "one JSON object") from None
    return value if isinstance(value, dict) else _refuse(path)


def _refuse(path):
    raise InputError(path, None, None, "JSON that is no object", "one JSON object")
