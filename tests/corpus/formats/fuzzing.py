"""Mutated files: real ones of each format, damaged in ways that hypothesis draws and can make smaller."""

import io
import re
import zipfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck
from hypothesis import strategies as st

from baycase.corpus.records import Document
from baycase.corpus.sandbox import Sandbox
from baycase.corpus.shown import acts
from baycase.errors import BayCaseError
from tests.corpus.formats import making, office

FORMATS = ("txt", "md", "html", "pdf", "docx", "xlsx", "csv", "jsonl")
UNHURRIED = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
ARCHIVES = ("docx", "xlsx")
# Numbers at the edges, and words that mean something in one of the formats.
_TELLING = [
    *b"\0|\xff|\x80|\r|\n\n\n\n|\xef\xbb\xbf|\xff\xfe|-1|0|99999999999999999999|1e999|%".split(b"|"),
    *b"<|>|</|<!--|<![CDATA[|<table><tr><td>|<ol start=-9><li>|<pre>|&#0;|&#xD800;|&#x202E;|<!DOCTYPE x>".split(b"|"),
    b"<div class=TRS_Editor>",
    b"<h1>",
    b"<title>",
    b"<w:del/>",
    b'<w:footnoteReference w:id="2"/>',
    *b'<w:p>|</w:p>|<w:tbl><w:tr><w:tc>|<w:numId w:val="1"/>|<w:txbxContent>|endobj|endstream|1 0 R|4 0 R'.split(b"|"),
    *b"<<|>>|[|]|(|)|BT|ET|Tj|/FlateDecode|/Kids|/Count 999999999|/MediaBox[0 0 0 0]|/Length 0".split(b"|"),
    *b'"|\'|,|;|\t|"",""|{|}|"_id":|\\ud800|# |**'.split(b"|"),
    *"案例三\n案例名称：|案例十|报送单位：|一是|二是。|\u202e|\u2028|\U0001f600".encode().split(b"|"),
    "案例名称".encode("gb18030"),
]
_OPERATIONS = ("flip", "insert", "delete", "repeat", "overwrite", "cut", "swap", *("telling",) * 5)
_MAIN = re.compile(r"document\.xml$|footnotes\.xml$|sheet1\.xml$|numbering\.xml$|sharedStrings")
_WHITE = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f]")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


mutations = st.lists(
    st.tuples(
        st.sampled_from(_OPERATIONS),
        st.floats(0, 1, exclude_max=True),
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(_TELLING) | st.text(min_size=1, max_size=4).map(_utf8) | st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def seeds(suffix: str, folder: Path, documents: list[Document]) -> list[bytes]:
    """Real files of the format, the smaller ones first: what is small is hit where it hurts."""
    few = documents[:2]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"seed.{suffix}"
    plain = "\n".join(document.text for document in few)
    if suffix == "pdf":
        loose = making.cases_pdf(folder / "loose.pdf", few, compressed=False).read_bytes()
        columns = office.columns_pdf(folder / "columns.pdf").read_bytes()
        return [loose, making.cases_pdf(path, few).read_bytes(), columns]
    if suffix == "docx":
        return [
            making.listed_docx(folder / "listed.docx").read_bytes(),
            making.cases_docx(path, few).read_bytes(),
            office.table_docx(folder / "table.docx").read_bytes(),
            office.footnote_docx(folder / "footnote.docx").read_bytes(),
        ]
    if suffix == "html":
        page = making.cases_html(path, few).read_bytes()
        return [
            b"<ol type=I start=3><li>a<li>b</ol><table><tr><td><p>a</p><td>b</table><pre>x\ny</pre>",
            page,
            office.TABLES.encode(),
            office.SITE.format("TRS_Editor").encode("gb18030"),
        ]
    if suffix == "md":
        return [making.cases_markdown(path, few).read_bytes()]
    if suffix == "xlsx":
        return [making.xlsx(path, making.cases_rows(few)).read_bytes()]
    if suffix == "csv":
        rows = making.cases_rows(few)
        return [
            "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode(code)
            for code in ("utf-8", "gb18030")
        ]
    if suffix == "jsonl":
        return [
            b'{"_id": "a", "title": "t", "text": "\\u4e00\\n"}\n{"_id": 2, "text": "b", "metadata": {"a": [1, null]}}\n'
        ]
    return [plain.encode(code) for code in ("utf-8", "gb18030", "utf-16")] + [
        "\n".join(making.wrapped(plain.replace("\n", ""), 30)).encode()
    ]


def mutated(data: bytes, steps: list[tuple[str, float, float, bytes]]) -> bytes:
    """The file after the steps; places are shares of its length."""
    out = bytearray(data)
    for operation, place, reach, payload in steps:
        at = int(place * len(out))
        after = min(len(out), at + 1 + int(reach**4 * 2_000))
        if operation == "telling" and out:
            # Beside what is there rather than within: before a sign that parts things, where the parsers look.
            at = max(out.rfind(b"<", 0, at), out.rfind(b"\n", 0, at), out.rfind(b",", 0, at), 0)
            out[at:at] = payload
        elif operation == "flip" and out:
            out[at] ^= 1 << int(reach * 8)
        elif operation == "insert":
            out[at:at] = payload
        elif operation == "delete":
            del out[at:after]
        elif operation == "repeat":
            out[at:at] = bytes(out[at:after]) * (1 + payload[0] % 40)
        elif operation == "overwrite":
            out[at : at + len(payload)] = payload
        elif operation == "cut":
            del out[at if reach < 0.2 else len(out) :]
        elif operation == "swap":
            other = int(reach * len(out))
            piece = out[at : at + 50]
            out[at : at + 50] = out[other : other + 50]
            out[other : other + 50] = piece
    return bytes(out)


def mutated_archive(data: bytes, which: float, steps: list[tuple[str, float, float, bytes]]) -> bytes:
    """The archive with one of its XML parts mutated and packed again, so that the damage reaches the parser."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = [name for name in old.namelist() if name.endswith((".xml", ".rels"))]
        # Half of the time the part that matters most.
        main = [name for name in parts if _MAIN.search(name)]
        chosen = main[int(which * 2 * len(main))] if which < 0.5 else parts[int((which - 0.5) * 2 * len(parts))]
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, mutated(content, steps) if name == chosen else content)
    return out.getvalue()


def outcome(sandbox: Sandbox, path: Path) -> str:
    """What became of the file, in a word; AssertionError for anything that must not be."""
    try:
        documents = sandbox.read_documents(path)
    except BayCaseError as error:
        message = str(error)
        assert not any(map(acts, message)) and path.name in message and len(message) < 600, message
        if "broke the program" in message or "not read within" in message:
            return "child died"
        return "unforeseen" if "is the file damaged?" in message else "refused"
    for document in documents:
        _check(document, path.suffix)
    return "read"


def _check(document: Document, suffix: str) -> None:
    assert document.doc_id.strip() and not any(map(acts, document.doc_id))
    text = document.text
    if suffix not in (".txt", ".md", ".csv", ".jsonl"):  # their text is the file's
        assert not _WHITE.search(text)
    end = 0
    for passage in document.passages:
        assert end <= passage.span.start < passage.span.end <= len(text)
        end = passage.span.end
        assert passage.sentences[0].span.start == passage.span.start
        assert passage.sentences[-1].span.end == passage.span.end
    before = 0
    for piece in document.source_map.pieces:
        assert before <= piece.start and piece.length > 0
        before = piece.start + piece.length
        assert piece.page is None if suffix != ".pdf" else piece.page
    assert before <= len(text)


def report(counts: Counter[str], suffix: str) -> str:
    return f"{suffix}: {counts.total()} inputs: " + ", ".join(f"{count} {word}" for word, count in counts.most_common())
