"""How sure to be: `answerable` and `confidence`, two calibrated probabilities from what the ranking shows.

`judgement.json` holds a logistic model for each, by language (English apart where renderings are matched) and by
whether the candidates were read; `baycase.training.judgement` makes it. A bare similarity never decides.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from baycase.search.query import Query
from baycase.search.results import Hit

# What the models see, of the first hit unless it says otherwise; a leg that a hit has not counts as 0.
FEATURES = (
    "relevance", "span", "alone", "alone_span", "best_relevance", "relevance_lead", "span_lead", "margin", "dense",
    "sentence", "cover", "bigrams", "sentence_cover", "gloss_cover", "sentence_gloss_cover", "rendered_dense",
    "rendered_sentence", "sentence_rendered_cover",
)  # fmt: skip
_CLIP = 15.0  # logits beyond this say no more


@dataclass(frozen=True, slots=True)
class Judgement:
    """`answerable`: the library answers the question; `confidence`: the first hit's sentence does; `answers`:
    `answerable` reaches the operating point."""

    answerable: float
    confidence: float
    answers: bool


def evidence(hits: Sequence[Hit]) -> dict[str, float]:
    """The value of every feature; there must be a hit. A lead is over the best of the other hits."""
    first = hits[0]
    found = {name: first.legs[name].score for name in FEATURES if name in first.legs}
    found["margin"] = first.score - hits[1].score if len(hits) > 1 else 0.0
    for name in ("relevance", "span"):
        others = [hit.legs[name].score for hit in hits[1:] if name in hit.legs]
        if name in first.legs and others:
            found[f"{name}_lead"] = first.legs[name].score - max(others)
    found["best_relevance"] = max((hit.legs["relevance"].score for hit in hits if "relevance" in hit.legs), default=0.0)
    return {name: max(-_CLIP, min(_CLIP, found.get(name, 0.0))) for name in FEATURES}


def model_name(language: str, first: Hit, read: bool) -> str:
    """Which model judges: an English question's first hit is told apart by whether it has a rendering."""
    kind = "en+rendered" if language.startswith("en") and first.rendering else language[:2]
    return f"{kind} {'read' if read else 'unread'}"


def judge(query: Query, hits: Sequence[Hit]) -> Judgement:
    """Both probabilities; 0 where there is no hit."""
    if not hits:
        return Judgement(0.0, 0.0, False)
    read = any("relevance" in hit.legs for hit in hits)
    models = load_models()[model_name(query.language, hits[0], read)]
    values = evidence(hits)
    answerable = _probability(models["answerable"], values)
    return Judgement(answerable, _probability(models["confidence"], values), answerable >= models["operating_point"])


def _probability(model: dict[str, float], values: dict[str, float]) -> float:
    return 1 / (1 + math.exp(-model["bias"] - sum(model[name] * value for name, value in values.items())))


@lru_cache(maxsize=1)
def load_models() -> dict[str, dict[str, Any]]:
    """Model name → {"answerable": feature → weight, "confidence": feature → weight, "operating_point": probability}."""
    return json.loads(files("baycase.search").joinpath("judgement.json").read_text(encoding="utf-8"))["models"]
