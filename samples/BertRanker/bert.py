"""A BERT with one score out, in plain PyTorch: no token types in, no tensors but the score out."""

import math
from dataclasses import dataclass

import torch
from torch import nn

ACTIVATIONS = {"gelu": nn.functional.gelu, "relu": nn.functional.relu}


@dataclass(frozen=True)
class Shape:
    """What a config.json of Hugging Face says, as far as it matters here."""

    words: int
    width: int = 128
    layers: int = 2
    heads: int = 2
    inner: int = 512
    positions: int = 512
    types: int = 2
    activation: str = "gelu"
    epsilon: float = 1e-12
    dropout: float = 0.1
    has_pooler: bool = True


class Ranker(nn.Module):
    """Embeddings, layers of self-attention, the first piece through a pooler, one score: higher is longer."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.words = nn.Embedding(shape.words, shape.width)
        self.places = nn.Embedding(shape.positions, shape.width)
        self.types = nn.Embedding(shape.types, shape.width)
        self.norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.layers = nn.ModuleList([Layer(shape) for _ in range(shape.layers)])
        self.pooler = nn.Linear(shape.width, shape.width) if shape.has_pooler else None
        self.head = nn.Linear(shape.width, 1)
        self.dropout = nn.Dropout(shape.dropout)
        self.register_buffer("numbers", torch.arange(shape.positions), persistent=False)
        self.apply(_initialise)

    def forward(self, input_ids, attention_mask):
        x = self.words(input_ids) + self.places(self.numbers[:input_ids.shape[1]]) + self.types.weight[0]
        x = self.dropout(self.norm(x))
        unseen = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -10_000.0
        for layer in self.layers:
            x = layer(x, unseen)
        first = x[:, 0]
        if self.pooler is not None:
            first = torch.tanh(self.pooler(first))
        return self.head(self.dropout(first))


class Layer(nn.Module):
    """Attention and two dense layers, each added to what came in and normalised."""

    def __init__(self, shape):
        super().__init__()
        self.heads, self.activation = shape.heads, ACTIVATIONS[shape.activation]
        self.query, self.key, self.value, self.mixed = (nn.Linear(shape.width, shape.width) for _ in range(4))
        self.wide, self.narrow = nn.Linear(shape.width, shape.inner), nn.Linear(shape.inner, shape.width)
        self.mixed_norm, self.narrow_norm = (nn.LayerNorm(shape.width, shape.epsilon) for _ in range(2))
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, x, unseen):
        batch, length, width = x.shape
        query, key, value = (part(x).view(batch, length, self.heads, width // self.heads).transpose(1, 2) for part in (self.query, self.key, self.value))
        weights = query @ key.transpose(2, 3) / math.sqrt(width // self.heads) + unseen
        seen = self.dropout(torch.softmax(weights, -1)) @ value
        x = self.mixed_norm(x + self.dropout(self.mixed(seen.transpose(1, 2).reshape(batch, length, width))))
        return self.narrow_norm(x + self.dropout(self.narrow(self.activation(self.wide(x)))))


def _initialise(module):
    """As BERT: normal with deviation 0.02, no bias."""
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
