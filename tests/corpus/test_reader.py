"""Files good and bad."""

import json
from pathlib import Path

import pytest

from baycase.corpus.decoding import decode
from baycase.corpus.folders import files_under
from baycase.corpus.reader import read_path, text_documents
from baycase.corpus.running_text import running_text
from baycase.errors import DocumentError

HANS = "粤港澳大湾区规则衔接，机制对接。港车北上的保险在内地怎么认？截至2023年底，共计84家。"
HANT = "粵港澳大灣區規則銜接，機制對接。港車北上的保險在內地怎麼認？截至2023年底，共計84家。"


@pytest.mark.parametrize(
    "text, encoding",
    [
        (HANS, "utf-8"),
        (HANS, "utf-8-sig"),
        (HANS, "gb18030"),
        (HANS, "utf-16"),
        (HANS + "\nABC\n", "utf-16-le"),
        (HANS + "\nABC\n", "utf-16-be"),
        (HANS, "utf-32"),
        (HANT, "big5"),
        (HANT, "gb18030"),
        (HANT, "utf-8"),
        ("Plain English text, nothing else.", "ascii"),
    ],
)
def test_encodings_are_told_apart(text, encoding):
    assert decode(text.encode(encoding), "f") == text


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
        b"\x1f\x8b\x08\0" + bytes(range(255, 0, -1)),
        b"\xef\xbb\xbf\xff\xff",
        bytes(range(128, 256)) * 4,
        b"text\0with a nul",
    ],
)
def test_what_is_not_text_is_refused_in_one_line(data, tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=r"x\.txt: not a text file; expected text in UTF-8") as raised:
        list(read_path(path))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.jsonl"])
@pytest.mark.parametrize("data", [b"", b" \n\n"])
def test_an_empty_file_is_refused(name, data, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DocumentError, match="empty"):
        list(read_path(tmp_path / name))


def test_missing_unknown_and_folder_are_refused(tmp_path):
    (tmp_path / "a.exe").write_bytes(b"MZ")
    for path, words in [
        ("no.txt", "no such file"),
        ("a.exe", r"unknown format \.exe; known are \.txt"),
        ("", "folder"),
    ]:
        with pytest.raises(DocumentError, match=words):
            list(read_path(tmp_path / path))


def test_a_text_is_a_document_named_like_its_file(tmp_path):
    path = tmp_path / "通知 2024.md"
    path.write_text("# 关于试点的通知\n\n各单位：\n请按要求落实。\n", "utf-8")
    (document,) = read_path(path)
    assert (document.doc_id, document.title, document.collection) == ("通知 2024", "关于试点的通知", "通知 2024")
    assert document.source == str(path) and document.case is None
    assert document.text == path.read_text("utf-8")


def test_a_file_name_with_control_characters_gives_a_clean_doc_id(tmp_path):
    path = tmp_path / "a\n\x1b[31mb.txt"
    path.write_text("一句话。", "utf-8")
    assert [document.doc_id for document in read_path(path)] == ["a[31mb"]


def test_what_stands_before_the_first_case_is_a_document(tmp_path):
    first = "案例一\n案例名称：甲\n报送单位：乙\n背景。\n"
    text = "典型案例汇编\n现将有关案例印发。\n" + first + first.replace("案例一", "案例二")
    path = tmp_path / "batch.txt"
    path.write_text(text, "utf-8")
    documents = list(read_path(path, "somewhere"))
    assert [document.doc_id for document in documents] == ["batch", "batch-01", "batch-02"]
    assert documents[0].text == "典型案例汇编\n现将有关案例印发。"
    assert {document.source for document in documents} == {"somewhere"}
    for document in documents:
        assert all(
            text[document.source_map.source_offset(at) or 0] == character for at, character in enumerate(document.text)
        )


def test_hard_wrapped_gb18030_with_crlf_is_read_like_the_shipped_file(tmp_path, shipped):
    source = (Path(__file__).parents[2] / "corpus" / "cases" / "gba-rule-alignment-cases.txt").read_text("utf-8")
    path = tmp_path / "cases.txt"
    path.write_bytes(source.replace("\n", "\r\n").encode("gb18030"))
    assert [document.text for document in read_path(path)] == [document.text for document in shipped]


def test_other_formats_end_in_the_same_documents():
    restored = running_text("案例三\n案例名称：甲\n报送单位：乙\n背景。\n")
    (document,) = text_documents(restored.text, restored.source_map, "a/b", "a/b.pdf")
    assert document.doc_id == "a-b-03" and document.title == "甲"


def test_beir_lines_keep_id_and_text(tmp_path):
    path = tmp_path / "corpus.jsonl"
    records = [
        {"_id": "a/1", "title": "甲", "text": "一句。\r\n 两句  。"},
        {"_id": 7, "text": "没有题目。"},
        {"_id": "empty", "title": None, "text": ""},
    ]
    path.write_text("\n\n".join(json.dumps(record, ensure_ascii=False) for record in records) + "\n", "utf-8")
    documents = list(read_path(path))
    assert [(d.doc_id, d.title, d.text) for d in documents] == [
        ("a/1", "甲", "一句。\r\n 两句  。"),
        ("7", "", "没有题目。"),
        ("empty", "", ""),
    ]
    assert [len(document.passages) for document in documents] == [1, 1, 0]
    assert {document.collection for document in documents} == {"corpus"}


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'{"_id": "a"}',
        b'{"text": "a"}',
        b'{"_id": "", "text": "a"}',
        b'{"_id": "a\\u0007", "text": "a"}',
        b'{"_id": "a", "text": 3}',
        b'{"_id": "a", "title": 3, "text": "a"}',
        b'{"_id": "a", "text": "\\ud800"}',
        b'{"_id": true, "text": "a"}',
        b'\xff{"_id": "a", "text": "a"}',
        b'{"_id": ' + b"9" * 5000 + b', "text": "a"}',
        b"[" * 100_000,
    ],
)
def test_a_bad_beir_line_is_named(line, tmp_path):
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(b'{"_id": "ok", "text": "x"}\n\n' + line + b"\n")
    with pytest.raises(DocumentError, match=r"corpus\.jsonl, line 3: ") as raised:
        list(read_path(path))
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 400


def test_folders_are_walked_in_order_without_loops_and_hidden_files(tmp_path):
    for name in ["b.txt", "a.md", "sub/c.jsonl", "sub/no.exe", ".hidden/x.txt", ".y.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    found = [path.relative_to(tmp_path).as_posix() for path in files_under(tmp_path)]
    assert found == ["a.md", "b.txt", "sub/c.jsonl"]
    assert list(files_under(tmp_path / "b.txt")) == [tmp_path / "b.txt"]
    with pytest.raises(DocumentError, match="no such file or folder"):
        list(files_under(tmp_path / "missing"))
