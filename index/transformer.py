"""BERT encoders run fast: token ids in, token states or pooled vectors out.

A model is a folder with config.json and model.safetensors. This module chooses and
runs the engine (ONNX Runtime on a graph converted once and kept beside the model;
PyTorch where that is missing); it knows no text, no tokenizer and no prompt. Batches
are of bounded size, so that memory does not grow with the number of texts.
"""

import os
import platform
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from baycase.errors import ModelError
from baycase.index.conversion import FORMAT, convert, open_session, read_config
from baycase.index.models import make_once

_BATCH_TOKENS = 512  # tokens a run: the largest activation, 3 MB, stays in the processor's cache

Ids = Sequence[Sequence[int]]


class TokenEncoder(Protocol):
    """A BERT encoder over token ids (begin and end tokens included). Safe to use from several threads."""

    dim: int

    def token_states(self, ids: Ids, types: Ids | None = None) -> list[np.ndarray]:
        """The last layer's states, (tokens of the text, dim) float32 a text; `types`: token type ids, zero if None."""
        ...

    def pooled(self, ids: Ids) -> np.ndarray:
        """(texts, dim) float32: the mean of each text's states, scaled to length 1."""
        ...


def open_token_encoder(folder: Path, engine: str | None = None) -> TokenEncoder:
    """The engine for a model folder: "onnx-int8", "onnx-fp32", "torch-bf16" or "torch-fp32"; None chooses.

    Raises `ModelError` when the folder is no BERT encoder or the engine is not installed.
    """
    engine = engine or fastest_engine()
    kind, _, precision = engine.partition("-")
    if kind == "onnx" and precision in ("int8", "fp32"):
        return OnnxEncoder(folder, precision)
    if kind == "torch" and precision in ("bf16", "fp32"):
        return TorchEncoder(folder, precision)
    raise ModelError(f"there is no engine {engine!r}; expected onnx-int8, onnx-fp32, torch-bf16 or torch-fp32")


def fastest_engine() -> str:
    """The engine for this machine. All agree to a cosine of .999, so vectors of one serve the others."""
    flags = processor_flags()
    if find_spec("onnxruntime") is not None and find_spec("onnx") is not None:
        # Without these instructions the 8-bit product of ONNX Runtime saturates at 16 bits on x86.
        exact = flags & {"avx512_vnni", "avx_vnni"} or platform.machine().lower() in ("arm64", "aarch64")
        return "onnx-int8" if exact else "onnx-fp32"
    return "torch-bf16" if "avx512_bf16" in flags else "torch-fp32"


def processor_flags() -> set[str]:
    """What /proc/cpuinfo calls the first processor's flags; empty where there is no such file."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            found = next((line for line in lines if line.startswith("flags")), "")
    except OSError:
        return set()
    return set(found.partition(":")[2].split())


def equal_batches(lengths: Sequence[int], budget: int = _BATCH_TOKENS) -> Iterator[list[int]]:
    """Positions of the texts in batches of equally long texts, longest first, at most `budget` tokens a batch.

    One text of 50 tokens already fills the matrix units, so nothing is gained by padding.
    Longest first: the last runs are short, and no core waits long for the other.
    """
    order = sorted(range(len(lengths)), key=lambda number: -lengths[number])
    for length, same in groupby(order, key=lambda number: lengths[number]):
        chosen = list(same)
        size = max(1, budget // max(1, length))
        for at in range(0, len(chosen), size):
            yield chosen[at : at + size]


def padded_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Positions of the texts by length, longest first; texts × longest length stays within `budget`."""
    order = sorted(range(len(lengths)), key=lambda number: -lengths[number])
    at = 0
    while at < len(order):
        size = max(1, budget // max(1, lengths[order[at]]))
        yield order[at : at + size]
        at += size


class OnnxEncoder:
    """ONNX Runtime on the converted graph; the word table is mapped, not read."""

    def __init__(self, folder: Path, precision: str = "int8") -> None:
        converted = make_once(
            folder.with_name(f"{folder.name}.onnx-{precision}-{FORMAT}"),
            lambda target: convert(folder, target, precision),
        )
        self._graph = converted / "graph.onnx"
        self._words = np.load(converted / "words.npy", mmap_mode="r", allow_pickle=False)
        self._positions = np.load(converted / "positions.npy", allow_pickle=False)
        self._types = np.load(converted / "types.npy", allow_pickle=False)
        self.dim: int = self._words.shape[1]
        self._lock = threading.Lock()
        self._cores = cores()
        self._wide: Any = None
        self._narrow: Any = None

    def token_states(self, ids: Ids, types: Ids | None = None) -> list[np.ndarray]:
        states: list[Any] = [None] * len(ids)

        def keep(number: int, rows: np.ndarray) -> None:
            states[number] = rows.copy()

        self._run(ids, types, keep)
        return states

    def pooled(self, ids: Ids) -> np.ndarray:
        vectors = np.zeros((len(ids), self.dim), np.float32)

        def keep(number: int, rows: np.ndarray) -> None:
            total = rows.sum(0)
            vectors[number] = total / max(float(np.linalg.norm(total)), 1e-12)

        self._run(ids, None, keep)
        return vectors

    def _run(self, ids: Ids, types: Ids | None, keep: Any) -> None:
        jobs = list(equal_batches([len(tokens) for tokens in ids]))
        if len(jobs) < 2 or self._cores < 2:
            for job in jobs:
                self._batch(self._session(self._cores), job, ids, types, keep)
            return
        # One thread a batch scales better than several threads inside one batch.
        session = self._session(1)
        with ThreadPoolExecutor(min(self._cores, len(jobs))) as pool:
            for done in [pool.submit(self._batch, session, job, ids, types, keep) for job in jobs]:
                done.result()

    def _batch(self, session: Any, job: list[int], ids: Ids, types: Ids | None, keep: Any) -> None:
        tokens = np.array([ids[number] for number in job], np.int64)
        length = tokens.shape[1]
        if length > len(self._positions):
            raise ModelError(f"a text of {length} tokens is longer than the model's {len(self._positions)}")
        embedded = self._words[tokens].astype(np.float32)
        embedded += self._positions[:length]
        embedded += self._types[[types[number] for number in job]] if types is not None else self._types[0]
        for number, states in zip(job, session.run(None, {"embedded": embedded})[0], strict=True):
            keep(number, states)

    def _session(self, threads: int) -> Any:
        """A session with so many threads: all cores for a single batch, one for each of several."""
        with self._lock:
            if threads > 1:
                if self._wide is None:
                    self._wide = open_session(self._graph, threads)
                return self._wide
            if self._narrow is None:
                self._narrow = open_session(self._graph, 1)
            return self._narrow


class TorchEncoder:
    """PyTorch through transformers: slow to import, and there wherever sentence-transformers is."""

    def __init__(self, folder: Path, precision: str = "fp32") -> None:
        read_config(folder)
        import torch
        from transformers import AutoModel

        self._torch = torch
        kind = torch.bfloat16 if precision == "bf16" else torch.float32
        self._model: Any = AutoModel.from_pretrained(folder, dtype=kind, local_files_only=True).eval()
        self.dim: int = self._model.config.hidden_size

    def token_states(self, ids: Ids, types: Ids | None = None) -> list[np.ndarray]:
        torch = self._torch
        states: list[Any] = [None] * len(ids)
        for job in padded_batches([len(tokens) for tokens in ids], 8 * _BATCH_TOKENS):
            longest = max(len(ids[number]) for number in job)
            tokens, kinds, mask = (torch.zeros((len(job), longest), dtype=torch.long) for _ in range(3))
            for row, number in enumerate(job):
                length = len(ids[number])
                tokens[row, :length] = torch.tensor(ids[number], dtype=torch.long)
                if types is not None:
                    kinds[row, :length] = torch.tensor(types[number], dtype=torch.long)
                mask[row, :length] = 1
            with torch.inference_mode():
                output = self._model(input_ids=tokens, attention_mask=mask, token_type_ids=kinds).last_hidden_state
            rows = output.float().numpy()
            for row, number in enumerate(job):
                states[number] = rows[row, : len(ids[number])].copy()
        return states

    def pooled(self, ids: Ids) -> np.ndarray:
        vectors = np.zeros((len(ids), self.dim), np.float32)
        for number, rows in enumerate(self.token_states(ids)):
            total = rows.sum(0)
            vectors[number] = total / max(float(np.linalg.norm(total)), 1e-12)
        return vectors


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
