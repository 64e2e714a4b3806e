"""The report: one file, nothing from elsewhere, every text escaped."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from baycase.eval import plots
from baycase.eval.evaluation import evaluate
from baycase.eval.experiment import Settings
from baycase.eval.markdown import evaluation_tables, table
from baycase.eval.report import write_report
from baycase.eval.testset import read_folder
from baycase.search.library import Library

HOSTILE = '<script>alert("桥")</script> & | ]]>'


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def page(folder: Path, library: Library, tmp_path: Path) -> Path:
    tiny = read_folder(folder)
    questions = [replace(q, type=q.type, text=f"{q.text} {HOSTILE}") for q in tiny.subsets["zh"]]
    questions[0] = replace(questions[0], relevant={"port": 1}, evidence=(), answers=("没有",))
    found = evaluate(
        replace(tiny, subsets={"zh": tuple(questions)}, problems=(HOSTILE,)), library, Settings(), by_leg=True
    )
    return write_report(found.to_dict(), found.latency_ms.tolist(), tmp_path / "report")


def test_one_file_without_other_hosts(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(html)
    assert not [tag for tag, _ in tags.found if tag in ("script", "link", "img", "iframe", "object", "foreignobject")]
    for _, attributes in tags.found:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href", "xlink:href", "action"):
                assert value.startswith("#"), value
    assert not re.findall(r"url\((?!#)", html) and "@import" not in html
    assert html.count("<svg") == 4  # legs, calibration, risk and coverage, latency
    assert "&lt;script&gt;" in html and "<script" not in html


def test_tables_and_json_beside_it(page: Path) -> None:
    record = json.loads((page.parent / "evaluation.json").read_text(encoding="utf-8"))
    tables = (page.parent / "tables.md").read_text(encoding="utf-8")
    assert tables.strip() == evaluation_tables(record, intervals=True).strip()
    assert f"{record['subsets']['zh']['recall@1']:.3f} [" in tables


def test_cells_keep_the_table_together() -> None:
    assert table([["a|b\nc", 1]], ["x", "y"]).splitlines() == ["| x | y |", "| --- | ---: |", "| a\\|b c | 1 |"]


def test_plots_hold_no_glyph_that_is_missing(recwarn: pytest.WarningsRecorder) -> None:
    svg = plots.recall_by_leg(
        {"dense": {"繁體": {"recall@1": 0.5, "recall@10": 1.0}, "en$_x": {"recall@1": 0.2, "recall@10": 1}}}
    )
    assert svg.startswith("<svg") and not [w for w in recwarn if "Glyph" in str(w.message)]
