"""`baycase index` over folders as they come: what fails is named and counted, what repeats is said, pages are cited."""

import json

import pytest

from baycase.index import encoder as encoders
from baycase.search import library as searching
from tests.command_line import run
from tests.corpus.formats import making


@pytest.fixture
def cli(tmp_path, fake_encoder, monkeypatch, capsys):
    for module in (encoders, searching):
        monkeypatch.setattr(module, "open_encoder", lambda *_, **__: fake_encoder)
    monkeypatch.setenv("BAYCASE_LIBRARY", str(tmp_path / "library"))
    return lambda *arguments: run([str(each) for each in arguments], capsys, monkeypatch)


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "good.txt").write_text("珠海推进口岸通关便利，办理三千件。\n", "utf-8")
    (inside / "also.html").write_text("<p>深圳推进数据跨境流动。</p>", "utf-8")
    return inside


def test_what_fails_is_named_and_counted_and_the_others_go_in(cli, folder):
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    done = cli("index", folder)
    assert done.code == 1
    assert "2 documents (2 added, 0 changed, 0 removed, 0 files unchanged, 2 failed)" in done.out
    told = done.err.splitlines()
    assert len([line for line in told if "bad.pdf: " in line and "damaged" in line]) == 1
    assert len([line for line in told if line.endswith("old.doc: .doc files are not read; save it as .docx")]) == 1
    again = json.loads(cli("index", folder, "--json").out)
    assert len(again["failed"]) == 2 and len(again["untouched"]) == 2
    for name in ("bad.pdf", "old.doc"):
        (folder / name).unlink()
    assert cli("index", folder).code == 0


def test_near_duplicates_are_said_and_kept(cli, folder):
    text = (folder / "good.txt").read_text("utf-8") * 3
    (folder / "good.txt").write_text(text, "utf-8")
    (folder / "copy.txt").write_text(text + "另。", "utf-8")
    done = cli("index", folder)
    assert done.code == 0 and "says nearly what" in done.err and "both are kept" in done.err
    listed = {row["doc_id"]: row["near_duplicate"] for row in json.loads(cli("list", "--json").out)}
    assert set(listed) == {"good", "copy", "also"} and any(listed.values())


def test_a_citation_out_of_a_pdf_names_its_page(cli, tmp_path):
    lines = [(2, f"这是第{page}页的正文，说的是第{page}件事情。") for page in (1, 2, 3)]
    making.pdf(tmp_path / "a.pdf", lines, a_page=1)
    cli("index", tmp_path / "a.pdf")
    pages = {hit["sentence"]: hit["page"] for hit in json.loads(cli("search", "第2件事情", "--json").out)["hits"]}
    assert pages and all(f"第{page}页" in sentence for sentence, page in pages.items())
    answer = json.loads(cli("ask", "这是第几页的正文？", "--no-read", "--json").out)
    for cited in [*answer["citations"], *answer["hits"]]:
        assert cited["page"] in (1, 2, 3)


def test_what_a_document_says_does_not_act_on_a_terminal(cli, tmp_path, monkeypatch):
    acting = "\x1b]0;own\x07\x1b[2J\x9b31m\u202e"
    record = {"_id": "a", "title": f"题{acting}", "text": f"第一句{acting}话。\n第二句\t话。"}
    (tmp_path / "corpus.jsonl").write_text(json.dumps(record), "utf-8")
    cli("index", tmp_path / "corpus.jsonl")
    piped = cli("show", "a").out
    assert piped == record["text"] + "\n"  # to a file or another program: the text as it is
    monkeypatch.setattr("baycase.commands.options.sys.stdout.isatty", lambda: True, raising=False)
    for arguments in (
        ("show", "a"),
        ("list",),
        ("search", "第一句"),
        ("ask", "第一句", "--no-read"),
        ("similar", "第一句"),
    ):
        out = cli(*arguments).out
        assert not set(acting) & set("\x1b\x07\x9b\u202e") & set(out), arguments
        assert "题" in out or "第一句" in out
    assert "第一句\\x1b]0;own\\x07" in cli("show", "a").out and "第二句\t话。" in cli("show", "a").out
