"""`baycase renderings`: translations added, exported and counted; what fits nothing is listed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from baycase.commands.renderings import app
from baycase.corpus.records import Rendering
from baycase.corpus.renderings import read_renderings, write_tmx
from baycase.errors import DocumentError, LibraryError, UsageError
from baycase.index import encoder as encoders
from baycase.index import pairing
from baycase.index.alignment import Pair
from baycase.index.build import open_writer
from baycase.index.intake import take_in

ONE, TWO = "深圳推进数据跨境流动。", "横琴口岸实行联合查验。"
ENGLISH = {ONE: "Shenzhen promotes cross-boundary data flow.", TWO: "Hengqin Port has joint inspection."}


@pytest.fixture
def library(tmp_path, fake_encoder, monkeypatch) -> Path:
    monkeypatch.setattr(encoders, "open_encoder", lambda *_, **__: fake_encoder)
    (tmp_path / "report.txt").write_text(ONE + TWO, encoding="utf-8")
    with open_writer(tmp_path / "library") as writer:
        take_in(writer, [tmp_path / "report.txt"], fake_encoder)
    monkeypatch.setenv("BAYCASE_LIBRARY", str(tmp_path / "library"))
    return tmp_path / "library"


def run(*arguments: object):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def test_a_table_is_added_and_what_fits_nothing_is_listed(library, tmp_path):
    table = tmp_path / "pairs.csv"
    table.write_text(f"中文,英文\n{ONE},{ENGLISH[ONE]}\n没有这一句。,Not there.\n", encoding="utf-8-sig")
    result = run("add", table, "--origin", "project")
    assert "1 renderings added or changed (1 of 2 fit a text of the library)" in result.stdout
    assert "没有这一句。" in result.stderr and ONE not in result.stderr
    assert "0 renderings added or changed" in run("add", table, "--origin", "project").stdout


def test_what_fits_nothing_can_be_written_to_a_file(library, tmp_path):
    lost = [Rendering(f"没有第{n}句。", "en", f"No {n}.", "machine") for n in range(30)]
    write_tmx(tmp_path / "memory.tmx", [Rendering(ONE, "en", ENGLISH[ONE], "official"), *lost])
    listed = run("add", tmp_path / "memory.tmx").stderr
    assert "没有第19句。" in listed and "没有第20句。" not in listed and "10 more" in listed
    run("add", tmp_path / "memory.tmx", "--unmatched", tmp_path / "lost.tmx")
    assert read_renderings(tmp_path / "lost.tmx") == lost


def test_export_writes_all_of_the_library(library, tmp_path):
    memory = [Rendering(text, "en", english, "project") for text, english in ENGLISH.items()]
    write_tmx(tmp_path / "memory.tmx", memory)
    run("add", tmp_path / "memory.tmx")
    assert "2 renderings" in run("export", tmp_path / "out.tmx").stdout
    assert sorted(read_renderings(tmp_path / "out.tmx"), key=str) == sorted(memory, key=str)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with pytest.raises(UsageError, match=r"name a \.tmx file"):
        run("export", tmp_path / "out.csv")


def test_status_counts_by_origin(library, tmp_path):
    assert "0 of 3 sentences" in run("status").stdout
    write_tmx(tmp_path / "memory.tmx", [Rendering(ONE, "en", ENGLISH[ONE], "machine")])
    run("add", tmp_path / "memory.tmx")
    record = json.loads(run("status", "--json").stdout)
    assert record == {
        "doc_id": "report", "title": "report", "language": "zh-Hans", "texts": 3, "rendered": {"machine": 1},
    }  # fmt: skip
    assert "report  1/3  1 machine" in run("status").stdout


@pytest.fixture
def english(tmp_path, monkeypatch) -> Path:
    """A file whose first sentence is surely the document's first, its second doubtfully the second."""
    pairs = [Pair(range(0, 1), range(0, 1), 0.5, True), Pair(range(1, 2), range(1, 2), -0.1, False)]
    monkeypatch.setattr(pairing, "align", lambda *_: pairs)
    (tmp_path / "english.txt").write_text(" ".join(ENGLISH.values()), encoding="utf-8")
    return tmp_path / "english.txt"


def test_a_document_is_paired_with_a_file_and_doubtful_pairs_are_listed(library, english, tmp_path):
    result = run("add", "--pair", "report", english, "--origin", "machine")
    assert "1 renderings added or changed (1 of 1" in result.stdout
    assert "1 doubtful, not added" in result.stderr and f"{TWO} → {ENGLISH[TWO]}" in result.stderr
    run("export", tmp_path / "out.tmx")
    assert read_renderings(tmp_path / "out.tmx") == [Rendering(ONE, "en", ENGLISH[ONE], "machine")]


def test_doubtful_pairs_are_added_when_they_are_accepted(library, english):
    result = run("add", "--pair", "report", english, "--accept-doubtful")
    assert "2 renderings added or changed (2 of 2" in result.stdout
    assert "doubtful" not in result.stderr
    assert "report  2/3  2 official" in run("status").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add"], "give a file of translations or --pair"),
        (["add", "x.tmx", "--pair", "report", "report"], "one of them"),
        (["add", "x.tmx", "--origin", "me"], "expected one of official, project, machine"),
        (["add", "--pair", "report", "nothing.txt"], "neither a document of the library nor a file"),
        (["add", "--pair", "report", "report"], "one text in Chinese and one in English"),
    ],
)
def test_wrong_use_says_what_was_expected(library, arguments, message):
    with pytest.raises(UsageError, match=message):
        run(*arguments)


def test_a_missing_file_and_a_missing_library(library, tmp_path, monkeypatch):
    with pytest.raises(DocumentError, match="no such file"):
        run("add", tmp_path / "none.tmx")
    monkeypatch.setenv("BAYCASE_LIBRARY", str(tmp_path / "nowhere"))
    with pytest.raises(LibraryError, match="no library"):
        run("status")
    assert not (tmp_path / "nowhere").exists()
