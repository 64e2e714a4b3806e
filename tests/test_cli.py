"""The command line: its help, the JSON that others rely on, and what it says to wrong use.

Most of it runs in this process with an encoder that loads nothing; what a process of its own shows
(exit codes, an empty stderr, what gets imported) runs as one.
"""

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import baycase
from tests.command_line import COMMANDS, ROOT, Outcome, parse, run
from tests.index.survival import HashEncoder

Cli = Callable[..., Outcome]
HEAVY = {
    "bm25s",
    "faiss",
    "gradio",
    "matplotlib",
    "numpy",
    "onnxruntime",
    "pandas",
    "rjieba",
    "sentence_transformers",
    "torch",
}
EXAMPLES: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "examples.py"))
CASE = "gba-rule-alignment-cases-"


def spy_on_open_encoder(patch: pytest.MonkeyPatch) -> None:
    """Every command gets the encoder that loads nothing, wherever it asks; a named model is looked for."""
    from baycase.index import encoder
    from baycase.search import library

    real = encoder.open_encoder

    def opened(model: str | None = None, *, download: bool = False) -> Any:
        return HashEncoder() if model is None else real(model, download=download)

    patch.setattr(encoder, "open_encoder", opened)
    patch.setattr(library, "open_encoder", opened)


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the shipped cases, not to be changed; its vectors mean nothing."""
    folder = tmp_path_factory.mktemp("cli") / "library"
    with pytest.MonkeyPatch.context() as patch:
        spy_on_open_encoder(patch)
        from baycase.index.build import open_writer
        from baycase.index.intake import take_in

        with open_writer(folder) as writer:
            take_in(writer, [], HashEncoder())
    return folder


@pytest.fixture
def cli(indexed: Path, capsys, monkeypatch) -> Cli:
    """`cli("ask", "…")` runs a command on that library."""
    spy_on_open_encoder(monkeypatch)
    monkeypatch.setenv("BAYCASE_LIBRARY", str(indexed))
    monkeypatch.delenv("BAYCASE_DEBUG", raising=False)
    return lambda *arguments: run(arguments, capsys, monkeypatch)


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a user runs it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BAYCASE_")}
    command = [sys.executable, "-m", "baycase", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=kept | environment, timeout=300)


def state(folder: Path) -> dict[str, bytes]:
    """Every file of a folder that holds content, to compare before and after: no lock, no journal, no draft."""
    ignored = ("writer.lock", "-journal")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and not path.name.endswith(ignored)
    }


# -- help ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example_that_it_takes(name):
    help_text = COMMANDS[name].command.help or ""
    assert re.fullmatch(r"[A-Z].*\.", help_text.strip().split("\n")[0]), "one sentence first"
    found = re.findall(r"Example: (.*)", help_text)
    assert found
    for example in found:
        assert parse(example) == name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_is_explained(name):
    unexplained = [p.name for p in COMMANDS[name].command.params if not getattr(p, "help", None)]
    assert not [each for each in unexplained if each not in ("doc_id", "doc_ids")], unexplained


def test_commands_are_those_of_the_design():
    assert {
        "baycase index", "baycase search", "baycase ask", "baycase similar", "baycase show", "baycase list",
        "baycase remove", "baycase eval run", "baycase ui", "baycase doctor", "baycase model path",
    } <= set(COMMANDS)  # fmt: skip


def test_help_and_version_print_on_stdout(cli):
    helped = cli("--help")
    assert helped.code == 0 and "ask" in helped.out and helped.err == ""
    assert cli("--version").out == f"baycase {baycase.__version__}\n"
    assert cli("eval", "compare", "--help").out.startswith("Usage: baycase eval compare")


def test_help_loads_nothing_heavy():
    code = (
        "import sys, baycase, baycase.cli\n"
        "sys.argv = ['baycase', 'ask', '--help']\n"
        "try: baycase.cli.main()\n"
        "except SystemExit: pass\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_public_names():
    assert baycase.__all__ == ["Library", "__version__"]
    from baycase.search.library import Library

    assert baycase.Library is Library
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = baycase.Nothing


# -- the JSON of the design --------------------------------------------------------------------

TEXT, WHOLE, REAL = str, int, (int, float)
SPAN_OF_RENDERING = {"language": TEXT, "text": TEXT, "origin": TEXT}
HIT = {
    "rank": WHOLE, "score": REAL, "doc_id": TEXT, "title": TEXT, "section": TEXT, "start": WHOLE, "end": WHOLE,
    "passage": TEXT, "sentence": TEXT, "sentence_start": WHOLE, "sentence_end": WHOLE, "legs": dict,
}  # fmt: skip
CITATION = {"doc_id": TEXT, "title": TEXT, "start": WHOLE, "end": WHOLE, "quote": TEXT}
ANSWER_SPAN = {"start": WHOLE, "end": WHOLE, "text": TEXT}
RESULT = {"query": TEXT, "language": TEXT}
ASKED = {"answered": bool, "answerable": REAL, "confidence": REAL, "citations": list, "hits": list}


def conforms(record: dict[str, Any], fields: dict[str, Any]) -> None:
    """Every field of the design is there with a value of its kind; more fields may follow."""
    for name, kind in fields.items():
        assert name in record, f"no {name} in {sorted(record)}"
        assert isinstance(record[name], kind) and (kind is bool or not isinstance(record[name], bool)), (
            name,
            record[name],
        )


def check_spans(record: dict[str, Any], texts: dict[str, str]) -> None:
    text = texts[record["doc_id"]]
    if span := record.get("answer_span"):
        conforms(span, ANSWER_SPAN)
        assert text[span["start"] : span["end"]] == span["text"]
    if rendering := record.get("rendering"):
        conforms(rendering, SPAN_OF_RENDERING)
        assert rendering["origin"] in ("official", "project", "machine")


def check_hits(hits: list[dict[str, Any]], texts: dict[str, str]) -> None:
    assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    for hit in hits:
        conforms(hit, HIT)
        text = texts[hit["doc_id"]]
        assert text[hit["start"] : hit["end"]] == hit["passage"]
        assert text[hit["sentence_start"] : hit["sentence_end"]] == hit["sentence"]
        assert hit["start"] <= hit["sentence_start"] < hit["sentence_end"] <= hit["end"]
        for leg in hit["legs"].values():
            conforms(leg, {"score": REAL, "rank": WHOLE})
        check_spans(hit, texts)


@pytest.fixture
def texts(cli: Cli) -> dict[str, str]:
    listed = json.loads(cli("list", "--json").out)
    return {row["doc_id"]: json.loads(cli("show", row["doc_id"], "--json").out)["text"] for row in listed}


def test_list(cli):
    listed = json.loads(cli("list", "--json").out)
    assert [row["doc_id"] for row in listed] == [f"{CASE}{number:02}" for number in range(1, 17)]
    for row in listed:
        conforms(row, {"doc_id": TEXT, "title": TEXT})
    lines = cli("list").out.splitlines()
    assert len(lines) == 16 and listed[0]["title"] in lines[0]


def test_show(cli):
    shown = json.loads(cli("show", f"{CASE}01", "--json").out)
    conforms(shown, {"doc_id": TEXT, "title": TEXT, "text": TEXT, "source": TEXT, "case": dict})
    assert cli("show", f"{CASE}01").out == shown["text"] + "\n"
    assert shown["case"]["number"] == 1 and shown["title"] in shown["text"]


@pytest.mark.parametrize(
    "query, language",
    [
        ("跨境数据交易", "zh-Hans"),
        ("港車北上的保險", "zh-Hant"),
        ("insurance of Hong Kong cars", "en"),
        ("深圳 data 🚗", None),
    ],
)
def test_search_and_ask(cli, texts, query, language):
    for command in ("search", "ask"):
        done = cli(command, query, "--json", "-k", "4")
        assert done.code == 0 and done.err == "" and done.out.count("\n") == 1, done
        assert "\\u" not in done.out
        result = json.loads(done.out)
        conforms(result, RESULT)
        assert result["query_id"] is None and result["query"] == query
        assert result["language"] == language if language else result["language"] in ("zh-Hans", "zh-Hant", "en")
        check_hits(result["hits"], texts)
        assert len({hit["doc_id"] for hit in result["hits"]}) >= 4
        if command == "ask":
            conforms(result, ASKED)
            assert 0 <= result["answerable"] <= 1 and 0 <= result["confidence"] <= 1
            assert bool(result["citations"]) == (result["answer"] is not None) == result["answered"]
            for citation in result["citations"]:
                conforms(citation, CITATION)
                assert texts[citation["doc_id"]][citation["start"] : citation["end"]] == citation["quote"]
                check_spans(citation, texts)
    assert cli("ask", query).code == cli("search", query, "--explain").code == 0


def test_similar(cli, texts, tmp_path):
    proposal = "拟在珠海试行港澳车辆网上申请入境。同时推动车险互认，减免担保。"
    file = tmp_path / "提案.txt"
    file.write_text(proposal, encoding="utf-8")
    done = cli("similar", proposal, "--json")
    result = json.loads(done.out)
    conforms(result, RESULT | {"cases": list})
    assert [case["rank"] for case in result["cases"]] == [1, 2, 3, 4, 5]
    for case in result["cases"]:
        conforms(case, {"rank": WHOLE, "doc_id": TEXT, "title": TEXT, "score": REAL, "points": list})
        assert case["points"]
        for point in case["points"]:
            conforms(point, {"point": TEXT, "score": REAL})
            if precedent := point["precedent"]:
                assert texts[case["doc_id"]][precedent["start"] : precedent["end"]] == precedent["quote"]
    from_file = json.loads(cli("similar", "--file", str(file), "--json").out)
    assert from_file["cases"] == result["cases"]


def test_queries_come_back_in_their_order(cli, tmp_path):
    asked = [("9", "跨境数据交易"), ("10", "港車北上"), ("a b", "Which bond?"), ("9", "跨境数据交易")]
    file = tmp_path / "queries.jsonl"
    lines = [json.dumps({"_id": i, "text": t, "metadata": {}}, ensure_ascii=False) for i, t in asked]
    file.write_text("\ufeff" + "\n\n".join(lines), encoding="utf-8")
    for command in ("search", "ask", "similar"):
        done = cli(command, "--queries", str(file))
        answers = [json.loads(line) for line in done.out.splitlines()]
        assert [(answer["query_id"], answer["query"]) for answer in answers] == asked, done.err
        assert answers[0] == answers[3]


def test_a_line_separator_inside_a_question_does_not_end_its_line(cli, tmp_path):
    file = tmp_path / "queries.jsonl"
    file.write_text('{"_id": "1", "text": "跨境数据\u2028交易"}\n', encoding="utf-8")
    done = cli("search", "--queries", str(file))
    assert done.code == 0 and len(done.out.strip().split("\n")) == 1, done.err


def test_a_collection_narrows_what_is_found(cli):
    name = json.loads(cli("list", "--json").out)[0]["collection"]
    assert json.loads(cli("search", "数据", "--json", "--collection", name).out)["hits"]
    refused = cli("search", "数据", "--collection", "nowhere")
    assert refused.code == 2 and name in refused.err


# -- what is added and removed -------------------------------------------------------------------


def test_index_add_refresh_and_remove(cli, tmp_path, monkeypatch):
    monkeypatch.setenv("BAYCASE_LIBRARY", str(tmp_path / "library"))
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "tea.txt").write_text("梅州的茶园在山坡上。茶农每年四月采摘第一批新茶。\n", encoding="utf-8")
    (reports / "bridge.md").write_text("# 大桥\n\n大桥全长五十五公里。\n", encoding="utf-8")
    first = json.loads(cli("index", str(reports), "--json").out)
    assert sorted(first["added"]) == ["bridge", "tea"] and first["documents"] == 2
    (reports / "tea.txt").write_text("梅州的茶园在山坡上。茶农每年五月采摘第一批新茶。\n", encoding="utf-8")
    second = json.loads(cli("index", str(reports), "--json").out)
    assert (second["added"], second["changed"]) == ([], ["tea"]) and len(second["untouched"]) == 1
    assert cli("remove", "tea").code == 0
    assert [row["doc_id"] for row in json.loads(cli("list", "--json").out)] == ["bridge"]
    assert cli("doctor", "--check").code == 0
    assert cli("remove", "tea").code == 1


def test_backup_and_restore(cli, tmp_path, monkeypatch, indexed):
    library = tmp_path / "library"
    shutil.copytree(indexed, library)
    monkeypatch.setenv("BAYCASE_LIBRARY", str(library))
    before = cli("list", "--json").out
    assert cli("backup", str(tmp_path / "cases.backup")).code == 0
    cli("remove", f"{CASE}16")
    assert cli("restore", str(tmp_path / "cases.backup")).code == 2, "what is there is not given up unasked"
    assert cli("restore", str(tmp_path / "cases.backup"), "--replace").code == 0
    assert cli("list", "--json").out == before


# -- the READMEs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("readme", EXAMPLES["READMES"])
def test_the_examples_of_the_readmes_run(cli, tmp_path, monkeypatch, readme):
    monkeypatch.chdir(tmp_path)
    Path("proposal.txt").write_text(EXAMPLES["PROPOSAL"], encoding="utf-8")
    found = EXAMPLES["examples"]((ROOT / readme).read_text(encoding="utf-8"))
    assert len(found) > 3
    for line in found:
        done = cli(*shlex.split(line)[1:])
        assert done.code == 0 and done.out, (line, done)


def test_the_python_of_the_readme_runs(cli, indexed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(indexed, "my-library")
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert "'hits': [{" in capsys.readouterr().out


# -- wrong use -----------------------------------------------------------------------------------

NOT_TEXT = bytes(range(256)) * 8
WRONG = {
    "empty question": (["ask", ""], 2, "empty"),
    "blank question": (["search", " \u3000\n"], 2, "empty"),
    "no word in it": (["ask", "？！"], 2, "no word"),
    "10,000 characters": (["ask", "港" * 10_000], 2, "10,000 characters"),
    "control character": (["ask", "港车\x07北上"], 2, "U+0007"),
    "escape sequence": (["search", "港车\x1b[31m北上"], 2, "U+001B"),
    "half a character": (["ask", "港车\ud800"], 2, "U+D800"),
    "no question": (["ask"], 2, "--queries"),
    "a question and a file": (["ask", "港车", "--queries", "q.jsonl"], 2, "one of them"),
    "a text and a file": (["similar", "港车", "--file", "p.txt"], 2, "one of them"),
    "no such file": (["similar", "--file", "nowhere.txt"], 1, "nowhere.txt"),
    "no such queries": (["ask", "--queries", "nowhere.jsonl"], 2, "nowhere.jsonl"),
    "queries that are no JSON": (["ask", "--queries", "bad.jsonl"], 2, "line 2"),
    "queries with an empty one": (["ask", "--queries", "blank.jsonl"], 2, "line 1"),
    "queries that are no text": (["ask", "--queries", "binary.jsonl"], 2, "binary.jsonl"),
    "a file that is not text": (["index", "binary.txt"], 1, "binary.txt"),
    "a format that is not known": (["index", "binary.exe"], 1, "binary.exe"),
    "an empty file": (["index", "empty.txt"], 1, "empty.txt"),
    "a path that is not there": (["index", "nowhere"], 1, "nowhere"),
    "an unknown document": (["show", "no-such-document"], 1, "baycase list"),
    "removing an unknown document": (["remove", "no-such-document"], 1, "no-such-document"),
    "a model that is not there": (["ask", "港车", "--model", "no/such-model"], 1, "no/such-model"),
    "indexing with it": (["index", "tea.txt", "--model", "no/such-model"], 1, "no/such-model"),
    "an unknown command": (["answer", "港车"], 2, "answer"),
    "an unknown option": (["ask", "港车", "--fast"], 2, "--fast"),
    "k below one": (["ask", "港车", "-k", "0"], 2, "1"),
    "k that is no number": (["ask", "港车", "-k", "many"], 2, "integer"),
    "an argument missing": (["show"], 2, "doc_id"),
    "a test set that is not there": (["eval", "nowhere"], 1, "nowhere"),
    "a run that is not there": (["eval", "compare", "one", "two"], 1, "one"),
    "a backup that is none": (["restore", "tea.txt", "--replace"], 1, "tea.txt"),
}


@pytest.mark.parametrize("arguments, code, said", WRONG.values(), ids=WRONG)
def test_wrong_use_is_one_line_and_changes_nothing(cli, indexed, tmp_path, monkeypatch, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    Path("bad.jsonl").write_text('{"_id": 1, "text": "港车"}\n{"_id": 2}\n', encoding="utf-8")
    Path("blank.jsonl").write_text('{"_id": 1, "text": " "}\n', encoding="utf-8")
    Path("tea.txt").write_text("茶农每年四月采摘第一批新茶。", encoding="utf-8")
    Path("empty.txt").touch()
    for name in ("binary.txt", "binary.exe", "binary.jsonl"):
        Path(name).write_bytes(NOT_TEXT)
    before = state(indexed)
    done = cli(*arguments)
    assert done.code == code, done
    assert said in done.err, done.err
    assert done.err.startswith("baycase: ") and done.err.count("\n") == 1, done.err
    assert "a bug" not in done.err and "Traceback" not in done.err
    assert not [c for c in done.err if ord(c) < 32 and c != "\n"]
    assert state(indexed) == before


@pytest.mark.parametrize(
    "arguments", [["ask", "港车"], ["list"], ["show", "x"], ["remove", "x"], ["doctor", "--check"]]
)
def test_a_missing_library_says_how_to_make_one_and_is_not_made(cli, tmp_path, monkeypatch, arguments):
    monkeypatch.setenv("BAYCASE_LIBRARY", str(tmp_path / "none"))
    done = cli(*arguments)
    assert done.code == 1 and str(tmp_path / "none") in (done.err + done.out), done
    assert "index" in done.err or arguments[0] == "doctor", done
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_made_is_named(cli, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("BAYCASE_LIBRARY", str(tmp_path / "file" / "library"))
    done = cli("index")
    assert done.code == 1 and done.err.count("\n") == 1 and "file" in done.err, done


def test_the_commands_alone_show_their_help(cli):
    for arguments in ([], ["model"]):
        done = cli(*arguments)
        assert done.code in (0, 2) and "Usage: baycase" in done.out + done.err and "a bug" not in done.err, done


# -- a process of its own ------------------------------------------------------------------------


def test_a_wrong_question_in_a_process(tmp_path):
    done = process("ask", "", "--library", str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"baycase: .*\n", done.stderr)


def test_a_traceback_only_with_debug(tmp_path):
    quiet = process("list", "--library", str(tmp_path / "none"))
    loud = process("--debug", "list", "--library", str(tmp_path / "none"))
    assert "Traceback" not in quiet.stderr and "Traceback" in loud.stderr
    assert quiet.returncode == 1 and loud.returncode == 1


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    done = process("index", "--library", str(tmp_path / "library"))
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and str(tmp_path) in done.stderr


def test_the_real_command_with_the_real_model(tmp_path):
    """The one that matters: index, then ask; the right case, and a quote that is in its text."""
    library = str(tmp_path / "library")
    made = process("index", "--library", library)
    assert made.returncode == 0 and "16 documents" in made.stdout, made.stderr
    for question, number in [
        ("港车北上的保险在内地怎么认？", 1),
        ("香港學生喺內地可以考DSE嗎？", 15),
        ("Which bond did Guangdong issue in Macao?", 8),
    ]:
        done = process("ask", question, "--library", library, "--json")
        assert done.returncode == 0 and done.stderr == "", done.stderr
        result = json.loads(done.stdout)
        first = result["hits"][0]
        assert first["doc_id"] == f"{CASE}{number:02}"
        shown = json.loads(process("show", first["doc_id"], "--library", library, "--json").stdout)
        assert shown["text"][first["sentence_start"] : first["sentence_end"]] == first["sentence"]
