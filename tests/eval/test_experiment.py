"""What an outcome says of its question, and a whole run over the tiny set, against arithmetic by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from baycase.eval.diagnosis import causes
from baycase.eval.evaluation import evaluate
from baycase.eval.experiment import Outcome, Settings
from baycase.eval.figures import Refusals, figures_of
from baycase.eval.testset import Evidence, Question, TestSet, read_folder
from baycase.search.library import Library
from baycase.search.results import AnswerSpan, AskResult

Asked = Callable[..., AskResult]
FIRST, SECOND = Evidence("a", 0, 10, "甲" * 10), Evidence("a", 10, 20, "乙" * 10, 1)
QUESTION = Question("q", "?", "zh", {"a": 2}, ("6.4万多副",), (FIRST, SECOND), group="case 1")


def test_answer_hit_leaves_white_space_aside(asked: Asked) -> None:
    assert Outcome(QUESTION, asked(("a", "核发牌证 6.\n4 万多副。", 0))).answer_hit is True
    assert Outcome(QUESTION, asked(("a", "核发牌证 6.4 万副。", 0))).answer_hit is False
    assert Outcome(QUESTION, asked()).answer_hit is False


def test_answer_overlap_is_of_the_marked_words(asked: Asked) -> None:
    read = asked(("a", "核发牌证6.4万多副。", 0))
    (hit,) = read.hits
    marked = replace(read, hits=(replace(hit, answer_span=AnswerSpan(4, 8, "6.4万")),))
    assert Outcome(QUESTION, read).answer_overlap is None  # nothing was read
    assert Outcome(QUESTION, marked).answer_overlap == pytest.approx(2 * 3 / (3 + 5))  # 6 4 万 of 6 4 万 多 副
    other = replace(read, hits=(hit, *marked.hits))
    assert Outcome(QUESTION, other).answer_overlap == 0  # another hit has words, the first has none
    assert figures_of([Outcome(QUESTION, marked), Outcome(QUESTION, other)])["answer_f1"] == pytest.approx(0.375)


def test_sentence_rank_is_that_of_evidence_that_answers(asked: Asked) -> None:
    outcome = Outcome(QUESTION, asked(("b", "x" * 10, 0), ("a", "乙" * 10, 10), ("a", "甲" * 10, 0)))
    assert outcome.ranking == ["b", "a"]
    assert outcome.sentence_ranking == ["b:0-10", "a:10-20", "a:0-10"]
    assert outcome.sentence_rank == 3 and not outcome.right  # grade 1 helps, it does not answer


def test_a_sentence_is_evidence_when_they_share_half_of_the_shorter(asked: Asked) -> None:
    assert Outcome(QUESTION, asked(("a", "x" * 12, -7))).sentence_rank == 1  # shares 5 of 10
    assert Outcome(QUESTION, asked(("a", "x" * 12, -8))).sentence_rank is None  # 4 of 10
    assert Outcome(QUESTION, asked(("b", "x" * 10, 0))).sentence_rank is None  # another document


def test_figures_by_hand(asked: Asked) -> None:
    right = asked(("a", "甲" * 10, 0), confidence=0.9, answerable=0.8)
    late = asked(("b", "x" * 10, 0), ("a", "甲" * 10, 0), confidence=0.6, answerable=0.4)
    refused = [Outcome(Question("n", "?", "zh"), asked(answerable=p)) for p in (0.1, 0.6)]
    found = figures_of([Outcome(QUESTION, right), Outcome(QUESTION, late)], Refusals(off=refused))
    assert found["recall@1"] == 0.5 and found["mrr@10"] == 0.75
    assert found["sentence@1"] == 0.5 and found["sentence@3"] == 1
    # One of two evidence sentences is found in the first five: recall is a half for both questions.
    assert found["sentence_recall@5"] == 0.5
    assert found["answer@1"] == 0 and found["sentence_length"] == 10
    assert found["answered"] == 0.5 and found["refused_off"] == 0.5
    assert found["auroc_off"] == pytest.approx((1 + 1 + 1 + 0) / 4)  # .8 beats both, .4 only .1
    assert found["brier"] == pytest.approx((0.01 + 0.36) / 2)
    assert found["ece"] == pytest.approx((0.1 + 0.6) / 2)
    assert found["aurc"] == pytest.approx((0 + 0.5) / 2)


def test_a_run_over_the_tiny_set(folder: Path, library: Library) -> None:
    steps: list[tuple[str, int, int]] = []
    found = evaluate(read_folder(folder), library, Settings(), lambda *step: steps.append(step), by_leg=True)
    record = found.to_dict()
    zh = record["subsets"]["zh"]
    assert zh["queries"] == 4 and ("ask", 4, 4) in steps
    # q4 shares no word with its sentence; the others do.
    assert [o.right for o in found.outcomes][:3] == [True, True, True]
    assert zh["answer@1"] == zh["sentence@1"] == np.mean([o.right for o in found.outcomes])
    assert zh["recall@8"] == 1
    assert 0 < record["latency"]["p50_ms"] <= record["latency"]["p95_ms"]
    assert record["legs"]["fused"]["zh"]["recall@10"] == 1
    low, high = zh["intervals"]["recall@1"]
    assert low <= zh["recall@1"] <= high


def test_every_miss_has_one_cause(folder: Path, library: Library) -> None:
    tiny = read_folder(folder)
    asked_before = tiny.subsets["zh"]
    # The gold passage of the first is another document's; the evidence of the second another sentence's.
    wrong = Question(
        "w", asked_before[0].text, "zh", {"port": 1}, ("自动吊车",), (Evidence("port", 14, 23, "装卸由自动吊车完成。"),)
    )
    text = library.document("bridge").text
    other = Question("s", asked_before[1].text, "zh", {"bridge": 1}, ("人工岛",),
                     (Evidence("bridge", text.index("桥上"), len(text), text[text.index("桥上"):]),))  # fmt: skip
    none = Question("n", asked_before[2].text, "zh")
    found = evaluate(TestSet("t", {"zh": (wrong, other)}, unanswerable=(none,)), library, Settings(), timed=False)
    by_id = {miss.id: miss for miss in found.misses}
    assert by_id["w"].cause in ("lost in fusion", "not retrieved by any leg")
    assert by_id["w"].document_rank and by_id["w"].document_rank > 1
    assert by_id["w"].leg_ranks and min(by_id["w"].leg_ranks.values()) >= 1
    assert by_id["s"].cause == "wrong sentence" and by_id["s"].passage_rank == 1
    assert by_id["s"].sentence == "大桥全长五十五公里。" and "大桥" in by_id["s"].matched_shown
    assert ("n" in by_id) == found.refusals.off[0].result.answered
    assert sum(causes(found.misses)["zh"].values()) == len(found.misses)
