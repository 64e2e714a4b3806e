"""`baycase eval` as a user calls it, with the real model, against figures computed here from `ask`'s own output."""

import json
import math
from pathlib import Path

import pytest

from baycase.cli import app

from .conftest import write_lines

DOCUMENTS = {
    "pearl": "珠江是中国境内第三长河流，全长二千三百二十公里。它由西江、北江和东江汇合而成。",
    "lychee": "荔枝原产岭南，每年五月至七月成熟。增城挂绿是其中的名种。",
    "tower": "广州塔高六百米，二零一零年九月对外开放。塔上设有摩天轮。",
    "ferry": "天星小輪往來中環與尖沙咀，一八八八年投入服務。渡輪共有八艘。",
    "dimsum": "早茶以一盅兩件為人熟知，蝦餃和燒賣最受歡迎。",
    "opera": "粤剧二零零九年列入人类非物质文化遗产名录。演员用假声演唱旦角。",
    "tram": "香港電車自一九零四年起行駛於港島北岸，車廂分上下兩層。",
    "egg": "葡式蛋挞由安德鲁饼店在路环首创，一九八九年开始售卖。",
    "wind": "海上风电场装有七十三台机组，年发电量约十五亿度。",
    "mangrove": "湛江红树林保护区面积约两万公顷，是候鸟的越冬地。",
    "ceramic": "石湾陶塑以人物见长，南风古灶五百年窑火不断。",
    "library": "图书馆藏书四百万册，每周一闭馆。",
}
QUESTIONS = {
    "zh": [("1", "珠江有多长？", "pearl", "二千三百二十公里"), ("2", "荔枝什么时候成熟？", "lychee", "五月至七月"),
           ("3", "渡轮有多少艘？", "ferry", "八艘"), ("4", "图书馆哪天不开门？", "library", "每周一"),
           ("5", "这里的鸟冬天去哪里？", "mangrove", "越冬地")],
    "en": [("1", "When did the Canton Tower open?", "tower", "二零一零年九月"),
           ("2", "Who first made Portuguese egg tarts?", "egg", "安德鲁饼店"),
           ("3", "How many wind turbines are there?", "wind", "七十三台")],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "twelve"
    (root / "qrels").mkdir(parents=True)
    write_lines(root / "corpus.jsonl", [{"_id": i, "title": "", "text": text} for i, text in DOCUMENTS.items()])
    for subset, rows in QUESTIONS.items():
        questions = [{"_id": i, "text": text, "metadata": {"answers": [answer]}} for i, text, _, answer in rows]
        write_lines(root / f"queries-{subset}.jsonl", questions)
        judged = "".join(f"{i}\t{doc_id}\t1\n" for i, _, doc_id, _ in rows)
        (root / "qrels" / f"{subset}.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged, encoding="utf-8")
    monkeypatch.setattr("baycase.eval.testlibrary.cache_folder", lambda: tmp_path / "cache")
    return root


def _run(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    app(list(args), standalone_mode=False)
    return capsys.readouterr().out


def test_figures_agree_with_an_independent_computation(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record = json.loads(_run(capsys, "eval", str(folder), "--json", "--save", "a", "--runs", str(tmp_path / "runs")))
    assert record["dataset"] == "twelve" and set(record["subsets"]) == {"zh", "en"}
    (library,) = (tmp_path / "cache" / "testsets").iterdir()
    for subset, rows in QUESTIONS.items():
        asked = folder / f"queries-{subset}.jsonl"
        lines = _run(capsys, "ask", "--queries", str(asked), "--library", str(library)).splitlines()
        results = {r["query_id"]: r for r in map(json.loads, lines)}
        wanted = dict.fromkeys(("recall@1", "recall@5", "recall@8", "recall@10", "mrr@10", "ndcg@10", "answer@1"), 0.0)
        for query_id, _, doc_id, answer in rows:
            hits = results[query_id]["hits"]
            documents = list(dict.fromkeys(hit["doc_id"] for hit in hits))
            rank = documents.index(doc_id) + 1 if doc_id in documents else math.inf
            for k in (1, 5, 8, 10):
                wanted[f"recall@{k}"] += (rank <= k) / len(rows)
            wanted["mrr@10"] += (1 / rank if rank <= 10 else 0) / len(rows)
            wanted["ndcg@10"] += (1 / math.log2(rank + 1) if rank <= 10 else 0) / len(rows)
            wanted["answer@1"] += ("".join(answer.split()) in "".join(hits[0]["sentence"].split())) / len(rows)
        for name, value in wanted.items():
            assert record["subsets"][subset][name] == pytest.approx(value, abs=0.002), (subset, name)
        assert record["subsets"][subset]["queries"] == len(rows)
    # A second run finds the library as it is, and equals the first.
    again = json.loads(_run(capsys, "eval", str(folder), "--json", "--save", "b", "--runs", str(tmp_path / "runs")))
    assert again["subsets"] == record["subsets"]
    said = json.loads(_run(capsys, "eval", "compare", "a", "b", "--runs", str(tmp_path / "runs"), "--json"))
    assert all(d["difference"] == 0 and d["p"] == 1 for d in said["differences"])
    assert not said["gained"] and not said["lost"]
    table = _run(capsys, "eval", "matrix", "--set", str(folder), "--subset", "zh", "default", "legs=dense")
    assert table.count("\n") == 4 and "legs=dense" in table


def test_a_changed_corpus_is_read_again(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _run(capsys, "eval", str(folder), "--json")
    write_lines(folder / "corpus.jsonl", [{"_id": "pearl", "title": "", "text": DOCUMENTS["pearl"]},
                                         {"_id": "new", "title": "", "text": "新的一篇。"}])  # fmt: skip
    _run(capsys, "eval", str(folder), "--json")
    (library,) = (tmp_path / "cache" / "testsets").iterdir()
    listed = json.loads(_run(capsys, "list", "--library", str(library), "--json"))
    assert {row["doc_id"] for row in listed} == {"pearl", "new"}
