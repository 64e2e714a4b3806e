"""`baycase bench` at sizes that take no time: the arithmetic by hand, the machine's own figures for shape."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from baycase.eval.machine import OPERATIONS_A_TOKEN, limit_words, share_of_peak
from baycase.eval.markdown import growth_table, speed_table
from baycase.eval.plots import growth
from baycase.eval.scales import DRAWN, ComposedEncoder, scale, sentences_of, synthetic
from baycase.eval.speed import index_cases, questions
from baycase.eval.stopwatch import Row, Time, by_turns, one_by_one, process, timed
from baycase.search.library import Library

SENTENCES = ["茶园在山坡上。", "大桥全长五十五公里。", "港口每天接待货船。", "学校提供免费午餐。", "课程有中文的。"]


class PlainProgram:
    """The other program without a model: notes what it was given."""

    def __init__(self) -> None:
        self.indexed: list[str] = []
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros((len(texts), 4), np.float32)

    def index(self, texts: Sequence[str]) -> None:
        self.indexed = list(texts)

    def search(self, text: str, k: int) -> None:
        self.asked.append(text)


def test_ratios_by_hand() -> None:
    row = Row("embed", Time(0.002, 0.004), "the other", Time(0.006, 0.010), p95=0.0035)
    assert (row.ratio, row.processor_ratio) == (pytest.approx(3), pytest.approx(2.5))
    shown = row.to_dict()
    assert (shown["ms"], shown["processor_ms"], shown["p95_ms"], shown["other_ms"]) == (2, 4, 3.5, 6)
    assert (shown["ratio"], shown["processor_ratio"]) == (3, 2.5)
    assert Row("start", Time(1, 1)).ratio is None


def test_share_of_the_peak_by_hand() -> None:
    # 1,000 tokens of 42,467,328 operations in 0.1 s are 424.67 × 10⁹ a second.
    assert OPERATIONS_A_TOKEN == 12 * 2 * (4 * 384 * 384 + 2 * 384 * 1536) == 42_467_328
    about = {"gops": {"fp32": 106.168, "bf16": 212.337, "int8": 849.347}, "engine": "onnx-int8"}
    assert share_of_peak(1_000, 0.1, about) == {"fp32": 4.0, "bf16": 2.0, "int8": 0.5}
    said = limit_words("embedding", 1_000, 0.1, about)
    assert "100 µs a token" in said and "50% of the peak in int8 (400% of fp32, 200% of bf16)" in said
    assert "400% of the peak in fp32" in limit_words("embedding", 1_000, 0.1, {**about, "engine": "torch-fp32"})


def test_stopwatch_takes_the_shortest_of_turns() -> None:
    assert timed(lambda: time.sleep(0.02)).wall >= 0.02
    turns: list[str] = []
    waits = iter([0, 0.05, 0.01])

    def slow() -> None:
        turns.append("slow")
        time.sleep(next(waits))

    found = by_turns({"slow": slow, "quick": lambda: turns.append("quick")}, rounds=2)
    assert turns == ["slow", "quick"] * 3
    assert 0.01 <= found["slow"].wall < 0.05, "the shortest of 0.05 and 0.01"
    median, p95 = one_by_one(lambda text: time.sleep(float(text)), ["0", "0.01", "0.04"])
    assert median.wall >= 0.01 and p95 >= 0.03


def test_a_process_is_measured_and_a_failure_is_not_a_figure(tmp_path: Path) -> None:
    taken, memory = process(["--version"], {}, 1)
    assert 0 < taken.processor < 10 and taken.wall > 0.01
    assert memory is None or 5 < memory < 500
    with pytest.raises(RuntimeError, match="ended with 1"):
        process(["list"], {"BAYCASE_LIBRARY": str(tmp_path / "none")}, 1)


def test_cases_are_indexed_refreshed_and_asked(encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, other = PlainProgram(), PlainProgram()
    indexed, against_other, refreshed = index_cases(tmp_path / "library", encoder, plain, other_too=other)
    library = Library(tmp_path / "library", encoder=encoder)
    assert len(plain.indexed) == len(library.generation.passages) and other.indexed == plain.indexed
    assert against_other.time == indexed.time and "txtai" in against_other.against
    assert indexed.other is not None and "16 documents" in indexed.what and "1 of 16" in refreshed.what
    assert library.generation.number == 2  # the refresh has changed a document indeed
    monkeypatch.setattr(library, "ask", lambda text, k, read=True: None)  # reading needs the real model
    plain.indexed = []
    rows = list(questions(library, plain, ["茶园", "大桥", "港口"] * 6, other_too=other, indexed=True))
    assert [row.what.split(" (")[0] for row in rows][:2] == ["a warm question: search"] * 2
    assert ["txtai" in row.against for row in rows[:3]] == [False, True, False]
    assert plain.asked[0] == other.asked[0] == "茶园" and rows[-1].other is not None
    assert plain.indexed == [], "the other programs were told that they have the passages"
    list(questions(library, plain, ["茶园"]))
    assert len(plain.indexed) == len(library.generation.passages)


def test_synthetic_passages_are_spans_of_known_sentences() -> None:
    documents = list(synthetic(SENTENCES, 25, seed=3))
    assert [len(document.passages) for document in documents] == [10, 10, 5]
    for document in documents:
        for passage in document.passages:
            lines = [sentence.span.of(document.text) for sentence in passage.sentences]
            assert passage.span.of(document.text) == "\n".join(lines)
            assert len(lines) == DRAWN and set(lines) <= set(SENTENCES)
    assert documents == list(synthetic(SENTENCES, 25, seed=3)) != list(synthetic(SENTENCES, 25, seed=4))
    assert set(sentences_of(documents)) == set(SENTENCES)


def test_composed_vector_is_the_scaled_mean(encoder) -> None:
    known = ComposedEncoder(encoder, SENTENCES)
    one, other = encoder.encode_passages(SENTENCES[:2])
    whole = one + other + one
    assert known.encode_passages([f"{SENTENCES[0]}\n{SENTENCES[1]}\n{SENTENCES[0]}"])[0] == pytest.approx(
        whole / np.linalg.norm(whole), abs=1e-6
    )
    assert known.encode_passages(["新的一句。"]) == pytest.approx(encoder.encode_passages(["新的一句。"]), abs=1e-6)


def test_growth_goes_through_writer_and_search(encoder) -> None:
    known = ComposedEncoder(encoder, SENTENCES)
    scales = [scale(size, SENTENCES, known, ["大桥有多长？", "茶园"]) for size in (20, 40)]
    assert [(s.passages, s.sentences) for s in scales] == [(20, 60), (40, 120)]
    assert scales[0].index == {"passages": "IndexFlatIP", "sentences": "IndexFlatIP"}
    assert all(s.build_s > 0 and s.refresh_s > 0 and s.query_p50_ms > 0 and s.disk_mb > 0 for s in scales)
    records = [{name: getattr(s, name) for name in s.__dataclass_fields__} for s in scales]
    assert json.loads(json.dumps(records)) == records
    assert "| passages | 20 | 40 |" in growth_table(records)
    assert growth(records).startswith("<svg")


def test_table_shows_empty_cells_for_what_was_not_compared() -> None:
    lines = speed_table([Row("start", Time(0.5, 0.4), memory_mb=180.0).to_dict()]).splitlines()
    assert lines[-1] == "| start | 500.0 |  | 400.0 | 180.0 |  |  |  |  |"
