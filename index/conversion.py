"""A BERT model folder converted for ONNX Runtime: the graph, and the tables that stay outside it.

It knows the files on both sides, and how channel ranges are found; the graph itself is
`onnx_graph`'s, running texts is `transformer`'s.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from baycase.errors import ModelError
from baycase.index.onnx_graph import Ranges, write_graph

FORMAT = 3  # raise when the converted files change


def convert(folder: Path, target: Path, precision: str) -> None:
    """Write graph.onnx, words.npy (float16), positions.npy and types.npy into `target`; precision "int8" or "fp32"."""
    from safetensors.numpy import load_file

    config = read_config(folder)
    tensors = {name.removeprefix("bert."): value for name, value in load_file(folder / "model.safetensors").items()}
    np.save(target / "words.npy", tensors["embeddings.word_embeddings.weight"].astype(np.float16), allow_pickle=False)
    np.save(
        target / "positions.npy",
        tensors["embeddings.position_embeddings.weight"].astype(np.float32),
        allow_pickle=False,
    )
    np.save(
        target / "types.npy", tensors["embeddings.token_type_embeddings.weight"].astype(np.float32), allow_pickle=False
    )
    ranges = _channel_ranges(tensors, config, target) if precision == "int8" else None
    write_graph(tensors, config, target / "graph.onnx", ranges=ranges)


def _channel_ranges(tensors: dict[str, np.ndarray], config: dict[str, Any], target: Path) -> Ranges:
    """Each channel's largest magnitude, seen on random tokens.

    Which channels are large is a property of the weights: random tokens and real
    sentences give the same agreement with float32.
    """
    probe = target / "probe.onnx"
    write_graph(tensors, config, probe, ranges=None, watch=True)
    session = open_session(probe, 1)
    chance = np.random.default_rng(0)
    words, positions = tensors["embeddings.word_embeddings.weight"], tensors["embeddings.position_embeddings.weight"]
    begin, end = config.get("bos_token_id"), config.get("eos_token_id")
    ranges: Ranges = {}
    keys = [(layer, part) for layer in range(config["num_hidden_layers"]) for part in ("attention", "intermediate")]
    for length in (20, 100, 200):
        tokens = chance.integers(0, len(words), min(length, len(positions)))
        if begin is not None and end is not None:
            tokens[[0, -1]] = begin, end
        embedded = words[tokens] + positions[: len(tokens)] + tensors["embeddings.token_type_embeddings.weight"][0]
        seen = session.run(None, {"embedded": embedded[None].astype(np.float32)})[1:]
        for key, values in zip(keys, seen, strict=True):
            largest = np.abs(values[0]).max(0)
            ranges[key] = np.maximum(ranges[key], largest) if key in ranges else largest
    del session  # Windows does not delete a file that is open
    probe.unlink()
    return ranges


def read_config(folder: Path) -> dict[str, Any]:
    """The folder's config.json, checked to be a BERT encoder that the engines can run."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    found = (config.get("model_type"), config.get("hidden_act"), config.get("position_embedding_type", "absolute"))
    if found != ("bert", "gelu", "absolute"):
        raise ModelError(f"{path} describes {' / '.join(map(str, found))}; expected bert / gelu / absolute")
    return config


def open_session(path: Path, threads: int) -> Any:
    """An ONNX Runtime session on the CPU."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError("onnxruntime is not installed: pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    # Spinning threads take the cores from whatever else runs, and gain a question nothing that was measured.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
