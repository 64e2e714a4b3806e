"""The reader's network: the bundled encoder, frozen, with low-rank adapters and two heads.

It reads ``<s> query: Q </s> passage: P </s>`` and gives one relevance per pair and a start and an end score per token.
The two segment vectors are the encoder's one, twice; they are not trained.
It does not know where texts come from, how they are cut, or how losses are weighed.

The encoder is a BertModel (post-LayerNorm, GELU, absolute positions). Dense layers run with merged weights, W + s·BA,
so that an adapter costs nothing in the forward pass; the backward pass gives gradients to A and B alone.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

FORMAT_VERSION = 1
RANK = 16
ALPHA = 32.0
UNCHANGED = 3  # lowest layers without adapters: a seventh less work a step; what they do is close to the words
DENSE = {  # in the order in which a layer makes them
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "output",
    "intermediate.dense": "up",
    "output.dense": "down",
}


class _AdaptedLinear(torch.autograd.Function):
    """y = x (W + s·BA)ᵀ + b, the merged weight given; gradients reach x, A and B, never W."""

    @staticmethod
    def forward(ctx, x, merged, bias, a, b, scale):
        ctx.save_for_backward(x, merged, a, b)
        ctx.scale = scale
        return functional.linear(x, merged, bias)

    @staticmethod
    def backward(ctx, *grads):
        (grad,) = grads
        x, merged, a, b = ctx.saved_tensors
        flat_grad, flat_x = grad.reshape(-1, grad.shape[-1]), x.reshape(-1, x.shape[-1])
        grad_x = (flat_grad @ merged).view_as(x) if ctx.needs_input_grad[0] else None
        grad_hidden = flat_grad @ b.to(grad.dtype)
        hidden = flat_x @ a.to(x.dtype).t()
        grad_a = (grad_hidden.t() @ flat_x).float() * ctx.scale
        grad_b = (hidden.t() @ flat_grad).t().float() * ctx.scale  # this order spares a copy of the large factor
        return grad_x, None, None, grad_a, grad_b, None


class AdaptedLinear(nn.Module):
    """A frozen dense layer with an adapter, fp32: ``lora_a`` (rank, inputs), ``lora_b`` (outputs, rank)."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, rank: int, alpha: float, dtype: torch.dtype) -> None:
        super().__init__()
        self.scale = alpha / rank
        self.lora_a = nn.Parameter(torch.randn(rank, weight.shape[1]) / rank**0.5 * 0.25)
        self.lora_b = nn.Parameter(torch.zeros(weight.shape[0], rank))
        self.weight = weight
        self.bias = bias.to(dtype)
        self.dtype = dtype
        self._merged: torch.Tensor | None = None

    @torch.no_grad()
    def merge(self) -> torch.Tensor:
        """Weight plus adapter, fp32 (outputs, inputs); the next forward passes use it, rounded to the working type."""
        merged = self.weight + self.scale * (self.lora_b @ self.lora_a)
        self._merged = merged.to(self.dtype)
        return merged

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self._merged is None:
            self.merge()
        return _AdaptedLinear.apply(x, self._merged, self.bias, self.lora_a, self.lora_b, self.scale)


class Norm(nn.Module):
    """A frozen LayerNorm over the last axis."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, dtype: torch.dtype) -> None:
        super().__init__()
        self.weight, self.bias = weight.to(dtype), bias.to(dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-12)


class Layer(nn.Module):
    """One layer of the encoder, its six dense maps adapted, its two norms as they are."""

    def __init__(
        self, state: dict[str, torch.Tensor], prefix: str, heads: int, rank: int, alpha: float, dtype: torch.dtype
    ) -> None:
        super().__init__()

        def dense(name: str) -> AdaptedLinear:
            return AdaptedLinear(state[f"{prefix}{name}.weight"], state[f"{prefix}{name}.bias"], rank, alpha, dtype)

        def norm(name: str) -> Norm:
            return Norm(state[f"{prefix}{name}.weight"], state[f"{prefix}{name}.bias"], dtype)

        self.heads = heads
        self.scale = (state[f"{prefix}attention.self.query.weight"].shape[0] // heads) ** -0.5
        self.query, self.key, self.value, self.output, self.up, self.down = (dense(name) for name in DENSE)
        self.norm_attention, self.norm_output = norm("attention.output.LayerNorm"), norm("output.LayerNorm")

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape

        def split(y: torch.Tensor) -> torch.Tensor:
            heads = y.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            return heads.reshape(batch * self.heads, length, width // self.heads)

        # Two products: the backward pass of torch's fused attention in bfloat16 takes seven times as long on a CPU.
        weights = torch.baddbmm(mask, split(self.query(x)), split(self.key(x)).transpose(1, 2), alpha=self.scale)
        attended = torch.bmm(weights.softmax(-1), split(self.value(x))).view(batch, self.heads, length, -1)
        x = self.norm_attention(x + self.output(attended.transpose(1, 2).reshape(batch, length, width)))
        return self.norm_output(x + self.down(functional.gelu(self.up(x))))


@dataclass(frozen=True)
class Reading:
    """Scores of a batch of pairs, fp32: relevance (n,), start and end (n, length); nothing is masked or normalised."""

    relevance: torch.Tensor
    start: torch.Tensor
    end: torch.Tensor


class ReaderNetwork(nn.Module):
    """The encoder of a sentence-transformers folder (config.json, model.safetensors) with adapters and heads.

    `dtype` is what the encoder computes in; adapters, heads and scores are fp32 always.
    """

    def __init__(
        self, folder: Path, rank: int = RANK, alpha: float = ALPHA, dtype: torch.dtype = torch.bfloat16
    ) -> None:
        super().__init__()
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        state = load_file(folder / "model.safetensors")
        self.rank, self.alpha, self.dtype = rank, alpha, dtype
        self.heads = config["num_attention_heads"]
        width = config["hidden_size"]
        self.words = state["embeddings.word_embeddings.weight"].to(dtype)
        self.positions = state["embeddings.position_embeddings.weight"]
        first_type = state["embeddings.token_type_embeddings.weight"][0]
        self.norm = Norm(state["embeddings.LayerNorm.weight"], state["embeddings.LayerNorm.bias"], torch.float32)
        self.segments = nn.Parameter(first_type.repeat(2, 1))
        self.layers = nn.ModuleList(
            Layer(state, f"encoder.layer.{number}.", self.heads, rank, alpha, dtype)
            for number in range(config["num_hidden_layers"])
        )
        self.span = nn.Linear(width, 2)
        self.relevance = nn.Linear(width, 1)
        for part in (*self.layers[:UNCHANGED].parameters(), self.segments):
            part.requires_grad_(False)
        for head in (self.span, self.relevance):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def start_from(self, path: Path) -> None:
        """Takes over the adapter and heads of a file that training wrote."""
        kept = {name: tensor.float() for name, tensor in load_file(path).items()}
        self.load_state_dict(kept, strict=False)
        self.merge()

    def merge(self) -> None:
        """Recomputes the merged weights; call it after every change of the adapters."""
        for layer in self.layers:
            for name in DENSE.values():
                getattr(layer, name).merge()

    def forward(self, ids: torch.Tensor, segments: torch.Tensor, lengths: torch.Tensor) -> Reading:
        """ids, segments (n, length) int64, padded at the end; lengths (n,) tokens a row."""
        length = ids.shape[1]
        x = self.words[ids].float() + self.positions[:length] + self.segments[segments]
        x = self.norm(x).to(self.dtype)
        padding = torch.arange(length) >= lengths[:, None]
        bias = torch.zeros(padding.shape, dtype=self.dtype).masked_fill_(padding, -1e4)
        bias = bias.repeat_interleave(self.heads, 0)[:, None, :]
        with torch.no_grad():
            for layer in self.layers[:UNCHANGED]:
                x = layer(x, bias)
        for layer in self.layers[UNCHANGED:]:
            x = layer(x, bias)
        x = x.float()
        start, end = self.span(x).unbind(-1)
        return Reading(self.relevance(x[:, 0]).squeeze(-1), start, end)

    def adapter(self) -> dict[str, torch.Tensor]:
        """What training changed: the trainable tensors by name."""
        kept = {name: parameter.detach() for name, parameter in self.named_parameters() if parameter.requires_grad}
        return {**kept, "segments": self.segments.detach()}
