"""A tiny encoder without a model, a tiny corpus, and a test set over it, for eval's own arithmetic."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from baycase.corpus.folding import fold
from baycase.search.library import Library
from baycase.search.results import AskResult, Hit, Leg


class PairEncoder:
    """Vectors of character pairs, hashed to 256 numbers: texts that share words are near, and nothing is loaded."""

    name, fingerprint, dim = "pairs", "pairs-1", 256

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            folded = fold(text).replace(" ", "")
            for pair in zip(folded, folded[1:] or folded, strict=False):
                vectors[row, int(hashlib.md5("".join(pair).encode()).hexdigest(), 16) % self.dim] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        if progress:
            progress(len(texts))
        return self.encode_queries(texts)


CORPUS = {
    "tea": "梅州的茶园在山坡上。茶农每年四月采摘第一批新茶。全县共有茶园三十六万亩。",
    "bridge": "大桥全长五十五公里。二零一八年十月大桥通车。桥上设有两座人工岛。",
    "port": "港口每天接待一百二十艘货船。装卸由自动吊车完成。",
    "school": "学校为外来儿童提供免费午餐。课程分为中文和英文两种。",
}
QUESTIONS = [
    ("q1", "茶农几月采摘新茶？", "tea", "四月", "when"),
    ("q2", "大桥全长多少公里？", "bridge", "五十五公里", "how-many"),
    ("q3", "港口的装卸由什么完成？", "port", "自动吊车", "what"),
    ("q4", "孩子们在哪里可以不花钱吃饭？", "school", "免费午餐", "where"),
]


@pytest.fixture(scope="session")
def encoder() -> PairEncoder:
    return PairEncoder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A test set in BEIR's form with one subset, and evidence marked."""
    return tiny_set(tmp_path / "tiny")


def tiny_set(root: Path) -> Path:
    (root / "qrels").mkdir(parents=True)
    write_lines(root / "corpus.jsonl", [{"_id": i, "title": "", "text": text} for i, text in CORPUS.items()])
    write_lines(root / "queries-zh.jsonl", [_query(*question) for question in QUESTIONS])
    judged = [f"{query_id}\t{doc_id}\t1\n" for query_id, _, doc_id, *_ in QUESTIONS]
    (root / "qrels" / "zh.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(judged), encoding="utf-8")
    return root


def _query(query_id: str, text: str, doc_id: str, answer: str, kind: str) -> dict:
    at = CORPUS[doc_id].index(answer)
    start = CORPUS[doc_id].rfind("。", 0, at) + 1
    end = CORPUS[doc_id].index("。", at) + 1
    evidence = {"doc_id": doc_id, "start": start, "end": end, "quote": CORPUS[doc_id][start:end], "grade": 2}
    return {"_id": query_id, "text": text, "metadata": {"answers": [answer], "type": kind, "evidence": [evidence]}}


def write_lines(path: Path, records: Sequence[dict]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


@pytest.fixture(scope="session")
def library(encoder: PairEncoder, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The library of the tiny corpus, in a cache of the tests' own; nobody writes to it."""
    from baycase.eval.testlibrary import library_of
    from baycase.eval.testset import read_folder

    root = tmp_path_factory.mktemp("eval")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("baycase.eval.testlibrary.cache_folder", lambda: root / "cache")
        return Library(library_of(read_folder(tiny_set(root / "tiny")), encoder), encoder=encoder)


@pytest.fixture
def asked() -> Callable[..., AskResult]:
    """Builds an AskResult from (doc_id, sentence, start) triples, best first."""

    def build(*found: tuple[str, str, int], confidence: float = 0.5, answerable: float = 0.5) -> AskResult:
        hits = tuple(
            Hit(rank, 1.0, doc_id, "", "", start, start + len(sentence), sentence, sentence, start,
                start + len(sentence), {"dense": Leg(1.0, rank)})
            for rank, (doc_id, sentence, start) in enumerate(found, 1)
        )  # fmt: skip
        return AskResult(None, "", "zh-Hans", answerable >= 0.5, answerable, confidence, None, (), hits)

    return build
