"""The ONNX graph of a BERT encoder, written out directly from its weights.

It knows the architecture and how weights are rounded to 8 bits; it runs nothing. The
graph takes the summed embeddings and the texts' lengths and gives the token states:
the word table stays outside, in an array that is only mapped.

Rounding: weights to int8, one scale an output channel; activations to 8 bits, one
scale a token, found at run time. One scale a whole tensor, which is what ONNX
Runtime's own dynamic quantisation does, loses retrieval quality: a few tokens are far
larger than the rest. A few channels are too: they are divided by a constant that the
weights take over (SmoothQuant, arXiv 2211.10438, equation 4).
"""

from pathlib import Path
from typing import Any

import numpy as np

_CONTRIB = "com.microsoft"
# How much of a channel's range the weights take over. Measured as 1 - cosine to fp32 on questions and
# paragraphs: 10 and 6 e-4 with none, 2.1 and 2.4 at .6, 2.6 and 3.1 at .8.
_SMOOTHING = 0.6

Ranges = dict[tuple[int, str], np.ndarray]
"""Largest magnitude a channel, (hidden,), of what enters layer n's "attention" and "intermediate" weights."""


class _Graph:
    """Nodes and constants as they are added."""

    def __init__(self) -> None:
        from onnx import helper, numpy_helper

        self._helper, self._numpy = helper, numpy_helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._shared: dict[tuple[str, float], str] = {}

    def op(
        self, kind: str, inputs: list[str], *, outputs: int = 1, contrib: bool = False, **settings: Any
    ) -> list[str]:
        number = len(self.nodes)
        names = [f"{kind}_{number}_{k}" for k in range(outputs)]
        domain = _CONTRIB if contrib else ""
        self.nodes.append(self._helper.make_node(kind, inputs, names, name=names[0], domain=domain, **settings))
        return names

    def constant(self, value: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(self._numpy.from_array(np.ascontiguousarray(value), name))
        return name

    def scalar(self, value: float, dtype: type = np.float32) -> str:
        key = (np.dtype(dtype).name, value)
        if key not in self._shared:
            self._shared[key] = self.constant(np.array(value, dtype))
        return self._shared[key]


def write_graph(
    tensors: dict[str, np.ndarray], config: dict[str, Any], path: Path, *, ranges: Ranges | None, watch: bool = False
) -> None:
    """Write the encoder to `path`: in 8 bits where channel ranges are given, else in float32.

    Input: `embedded` (texts, tokens, hidden) float32, word + position + type vectors
    before the first LayerNorm. Output: `states`, of the same shape; with `watch` also
    what `Ranges` describes, in the order layer by layer, attention first. There is no
    mask: the texts of one run are equally long, which lets attention run in cache-sized tiles.
    """
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph()
    heads, epsilon, hidden = config["num_attention_heads"], config["layer_norm_eps"], config["hidden_size"]
    watched: list[str] = []

    def product(value: str, weight: np.ndarray) -> str:
        return _linear(graph, value, weight) if ranges is None else _linear_8_bits(graph, value, weight)

    def smoothed(value: str, weight: np.ndarray, layer: int, part: str) -> str:
        watched.append(value)
        if ranges is None:
            return _linear(graph, value, weight)
        heaviest = np.maximum(np.abs(weight).max(0), 1e-4)
        scale = np.maximum(ranges[layer, part], 1e-4) ** _SMOOTHING / heaviest ** (1 - _SMOOTHING)
        (value,) = graph.op("Mul", [value, graph.constant((1 / scale).astype(np.float32))])
        return _linear_8_bits(graph, value, weight * scale)

    def gelu_product(value: str, weight: np.ndarray) -> str:
        return _linear(graph, value, weight) if ranges is None else _linear_8_bits(graph, value, weight, gelu=True)

    def norm(name: str) -> tuple[str, str]:
        return graph.constant(tensors[f"{name}.weight"]), graph.constant(tensors[f"{name}.bias"])

    def weights(*names: str) -> tuple[np.ndarray, str]:
        """Stacked weights (out, in), and the bias as a constant: the next operator adds it."""
        weight = np.concatenate([tensors[f"{name}.weight"] for name in names])
        return weight, graph.constant(np.concatenate([tensors[f"{name}.bias"] for name in names]))

    def added(value: str, bias: str, states: str, name: str) -> str:
        # Three operators: ONNX Runtime's fused SkipLayerNormalization takes five times as long on a CPU.
        (total,) = graph.op("Add", [value, states])
        (total,) = graph.op("Add", [total, bias])
        return graph.op("LayerNormalization", [total, *norm(name)], epsilon=epsilon)[0]

    (states,) = graph.op("LayerNormalization", ["embedded", *norm("embeddings.LayerNorm")], epsilon=epsilon)
    thirds = graph.constant(np.array([hidden] * 3, np.int64))
    for layer in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{layer}"
        weight, bias = weights(*(f"{at}.attention.self.{part}" for part in ("query", "key", "value")))
        parts = graph.op("Split", [smoothed(states, weight, layer, "attention"), thirds], outputs=3, axis=-1)
        (context,) = graph.op("MultiHeadAttention", [*parts, bias], contrib=True, num_heads=heads)
        weight, bias = weights(f"{at}.attention.output.dense")
        states = added(product(context, weight), bias, states, f"{at}.attention.output.LayerNorm")
        weight, bias = weights(f"{at}.intermediate.dense")
        (inner,) = graph.op("BiasGelu", [smoothed(states, weight, layer, "intermediate"), bias], contrib=True)
        weight, bias = weights(f"{at}.output.dense")
        states = added(gelu_product(inner, weight), bias, states, f"{at}.output.LayerNorm")
    graph.nodes.append(helper.make_node("Identity", [states], ["states"]))
    sizes = ["texts", "tokens", hidden]
    inputs = [helper.make_tensor_value_info("embedded", TensorProto.FLOAT, sizes)]
    names = ["states", *watched] if watch else ["states"]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name in names]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "bert", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(_CONTRIB, 1)], ir_version=8,
    )  # fmt: skip
    onnx.save(model, str(path))


def _linear(graph: _Graph, value: str, weight: np.ndarray) -> str:
    return graph.op("MatMul", [value, graph.constant(weight.T)])[0]


def _linear_8_bits(graph: _Graph, value: str, weight: np.ndarray, *, gelu: bool = False) -> str:
    """value @ weight.T with both rounded to 8 bits: a scale a token on the left, a scale a channel on the right.

    What comes out of a GELU is at least -0.17, so nearly all steps can lie above zero.
    """
    scales = np.maximum(np.abs(weight).max(1), 1e-12).astype(np.float32) / 127
    rounded = np.rint(weight / scales[:, None]).astype(np.int8)
    if gelu:
        below, least = 22, 1.8  # 22 steps of 1.8 / 233 reach down to -0.17
        (largest,) = graph.op("ReduceMax", [value], axes=[-1], keepdims=1)
    else:
        below, least = 128, 1e-9  # the least keeps a token of zeros from dividing by zero
        (size,) = graph.op("Abs", [value])
        (largest,) = graph.op("ReduceMax", [size], axes=[-1], keepdims=1)
    (largest,) = graph.op("Max", [largest, graph.scalar(least)])
    (fraction,) = graph.op("Div", [value, largest])
    step, zero = graph.scalar(1 / (255 - below)), graph.scalar(below, np.uint8)
    (steps,) = graph.op("QuantizeLinear", [fraction, step, zero])
    inputs = [steps, graph.constant(rounded.T), step, graph.constant(scales), zero]
    (product,) = graph.op("MatMulIntegerToFloat", inputs, contrib=True)
    return graph.op("Mul", [product, largest])[0]
