"""The reader's network: the bundled encoder with a small trained adapter, opened through the encoder's engine.

It sees `<s> query: Q </s> passage: P </s>` and says how likely P answers Q (relevance, a logit on
the first token) and where (a start and an end logit a token). `reader.safetensors` holds
low-rank updates of the encoder's maps, two segment vectors and the heads; merged once,
cached like the model. Training is `baycase.training.reader`; docs/reader.md is the model card.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from baycase.index.models import PASSAGE_PROMPT, QUERY_PROMPT, default_model_path, make_once
from baycase.index.tokenizer import UnigramTokenizer
from baycase.index.transformer import TokenEncoder, open_token_encoder

ADAPTER = "reader.safetensors"
LONGEST, LONGEST_QUESTION = 320, 72  # tokens of a pair, and of the question in it, as in training
_BEGIN, _END = 0, 2
_MAPS = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "output": "attention.output.dense", "up": "intermediate.dense", "down": "output.dense",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of one text: `relevance` a logit, above 0 when an answer is likelier there than not;
    `starts`, `ends` (t,) logits of its tokens; `offsets` (t, 2) the characters of the text each token stands for."""

    relevance: float
    starts: np.ndarray
    ends: np.ndarray
    offsets: np.ndarray


class ReaderModel:
    """Reads texts for a question. Safe to use from several threads."""

    def __init__(self, engine: TokenEncoder, tokenizer: UnigramTokenizer, heads: dict[str, np.ndarray]) -> None:
        self._engine, self._heads = engine, heads
        self._pieces = lru_cache(maxsize=4096)(tokenizer.pieces)  # the same windows are read for many questions

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in order; a text longer than the model sees is read to where it is cut."""
        asked, _ = self._pieces(QUERY_PROMPT + question)
        head = [_BEGIN, *asked[:LONGEST_QUESTION], _END]
        pairs, types, spans = [], [], []
        for text in texts:
            numbers, offsets = self._pieces(PASSAGE_PROMPT + text)
            kept = LONGEST - len(head) - 1
            pairs.append([*head, *numbers[:kept], _END])
            types.append([0] * len(head) + [1] * (len(pairs[-1]) - len(head)))
            spans.append(np.maximum(np.array(offsets[:kept], np.int64).reshape(-1, 2) - len(PASSAGE_PROMPT), 0))
        return [self._reading(states, len(head), offsets)
                for states, offsets in zip(self._engine.token_states(pairs, types), spans, strict=True)]  # fmt: skip

    def _reading(self, states: np.ndarray, head: int, offsets: np.ndarray) -> Reading:
        relevance = states[0] @ self._heads["relevance.weight"][0] + self._heads["relevance.bias"][0]
        logits = states[head:-1] @ self._heads["span.weight"].T + self._heads["span.bias"]
        outside = offsets[:, 1] <= offsets[:, 0]  # the prompt's own tokens
        logits[outside] = -1e9
        return Reading(float(relevance), logits[:, 0], logits[:, 1], offsets)


@lru_cache(maxsize=1)
def open_reader() -> ReaderModel:
    """The reader that comes with the package, merged into the bundled encoder when first used."""
    base = default_model_path()
    with as_file(files("baycase.search") / ADAPTER) as adapter:
        digest = hashlib.sha256(adapter.read_bytes()).hexdigest()[:12]
        folder = make_once(base.with_name(f"reader-{base.name}-{digest}"), lambda target: merge(base, adapter, target))
    from safetensors.numpy import load_file

    return ReaderModel(open_token_encoder(folder), UnigramTokenizer(base), load_file(folder / "heads.safetensors"))


def merge(encoder: Path, adapter: Path, target: Path) -> None:
    """Write a model folder: the encoder's weights with the adapter's updates added, and the heads beside them.

    Low-rank update of a map: W' = W + alpha / rank · B·A (Hu et al. 2021).
    """
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    weights, trained = load_file(encoder / "model.safetensors"), load_file(adapter)
    with safe_open(adapter, "numpy") as file:
        about = file.metadata()
    scale = np.float32(float(about["alpha"]) / float(about["rank"]))
    for name in [name for name in trained if name.endswith(".lora_b")]:
        _, layer, part, _ = name.split(".")
        update = trained[name].astype(np.float32) @ trained[name.replace("lora_b", "lora_a")].astype(np.float32)
        weights[f"encoder.layer.{layer}.{_MAPS[part]}.weight"] += scale * update
    weights["embeddings.token_type_embeddings.weight"] = trained["segments"].astype(np.float32)
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})
    heads = {n: t.astype(np.float32) for n, t in trained.items() if n.startswith(("span.", "relevance."))}
    save_file(heads, target / "heads.safetensors")
    config = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
    (target / "config.json").write_text(json.dumps(config | {"type_vocab_size": 2}), encoding="utf-8")
