"""Files made to do harm: each ends in documents or in one clear line, within its limits, and the next file is read."""

import io
import os
import re
import socket
import struct
import time
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document as new_docx
from openpyxl import Workbook

from baycase.corpus.folders import files_under
from baycase.corpus.limits import LIMITS
from baycase.corpus.reader import read_path
from baycase.corpus.sandbox import Sandbox, read_documents
from baycase.errors import BayCaseError, DocumentError, MissingExtraError

SMALL = replace(
    LIMITS, wall_seconds=60, cpu_seconds=10, memory=600_000_000, unpacked=30_000_000, rows=10_000, record=1_000_000
)
TEXT = "粤澳货物“一单两报”服务正式上线。"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(SMALL) as opened:
        yield opened


def refusal(sandbox: Sandbox, path: Path) -> str:
    """The one line that a file is refused with; the same sandbox reads an ordinary file after it."""
    started = time.monotonic()
    with pytest.raises((DocumentError, MissingExtraError)) as raised:
        sandbox.read_documents(path)
    message = str(raised.value)
    assert "\n" not in message and len(message) < 500 and path.name[:3] in message
    assert time.monotonic() - started < SMALL.wall_seconds + 30
    good = path.with_name("good.html")
    good.write_text(f"<p>{TEXT}</p>", "utf-8")
    assert [document.text for document in sandbox.read_documents(good)] == [TEXT]
    return message


def repacked(source: Path, target: Path, changed: dict[str, bytes]) -> Path:
    """A copy of an archive with some of its parts changed or added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changed:
                new.writestr(name, old.read(name))
        for name, data in changed.items():
            new.writestr(name, data)
    return target


@pytest.fixture(scope="module")
def plain_docx(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plain") / "plain.docx"
    word = new_docx()
    word.add_paragraph(TEXT)
    word.save(str(path))
    return path


@pytest.fixture(scope="module")
def plain_xlsx(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plain") / "plain.xlsx"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["标题", "正文"])
    sheet.append(["甲", TEXT])
    book.save(path)
    return path


DOCUMENT = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>'
LAUGHS = b"<!DOCTYPE lolz [<!ENTITY a 'ha'>%s]>" % b"".join(
    b'<!ENTITY %c "%s">' % (97 + n, b"&%c;" % (96 + n) * 10) for n in range(1, 12)
)


# -- archives --------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix, part", [("docx", "word/document.xml"), ("xlsx", "xl/worksheets/sheet1.xml")])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(suffix, part, sandbox, tmp_path, request):
    source = request.getfixturevalue(f"plain_{suffix}")
    path = tmp_path / f"bomb.{suffix}"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        with new.open("bomb.xml", "w", force_zip64=True) as stream:
            for _ in range(35):
                stream.write(b"<" * 1_000_000)
    assert path.stat().st_size < 1_000_000
    started = time.monotonic()
    assert re.search(r"unpacks to 3[56] MB; a \.\w+ file may hold 30 MB", refusal(sandbox, path))
    assert time.monotonic() - started < 30


def test_an_archive_that_lies_about_its_size_is_not_believed(sandbox, tmp_path, plain_docx):
    path = repacked(plain_docx, tmp_path / "lie.docx", {"word/document.xml": DOCUMENT % (b"<w:p/>" * 200_000)})
    data = bytearray(path.read_bytes())
    central = data.rfind(b"PK\x01\x02", 0, data.rfind(b"word/document.xml"))
    struct.pack_into("<I", data, central + 24, 100)  # what it says it unpacks to
    path.write_bytes(data)
    assert "damaged" in refusal(sandbox, path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "suffix, part", [("docx", "word/document.xml"), ("docx", "word/styles.xml"), ("xlsx", "xl/workbook.xml")]
)
def test_xml_entities_are_refused(suffix, part, encoding, sandbox, tmp_path, request):
    source = request.getfixturevalue(f"plain_{suffix}")
    xml = (b"<?xml version='1.0' encoding='%s'?>" % encoding.encode()) + LAUGHS + DOCUMENT % b"<w:p>&l;</w:p>"
    path = repacked(source, tmp_path / f"laughs.{suffix}", {part: xml.decode().encode(encoding)})
    assert "declares XML entities" in refusal(sandbox, path)


def test_an_external_entity_reads_no_file(sandbox, tmp_path, plain_docx):
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密")
    xml = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file://%s">]>' % os.fsencode(secret)
    path = repacked(plain_docx, tmp_path / "outside.docx", {"word/document.xml": xml + DOCUMENT % b"<w:p>&x;</w:p>"})
    assert "declares XML entities" in refusal(sandbox, path)


def test_deeply_nested_xml_is_refused(sandbox, tmp_path, plain_docx):
    nested = b"<w:sdt><w:sdtContent>" * 50_000 + b"</w:sdtContent></w:sdt>" * 50_000
    path = repacked(plain_docx, tmp_path / "deep.docx", {"word/document.xml": DOCUMENT % nested})
    assert "deep.docx" in refusal(sandbox, path)


def test_many_parts_encrypted_parts_and_parts_of_one_name_are_refused(sandbox, tmp_path, plain_docx):
    many = repacked(plain_docx, tmp_path / "many.docx", {f"x{n}.bin": b"" for n in range(6_000)})
    assert "parts inside" in refusal(sandbox, many)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(tmp_path / "two.docx", "w") as archive:
        archive.writestr("word/document.xml", b"a")
        archive.writestr("word/document.xml", b"b")
    assert "two parts of one name" in refusal(sandbox, tmp_path / "two.docx")
    data = bytearray(plain_docx.read_bytes())
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.docx").write_bytes(data)
    assert "without a password" in refusal(sandbox, tmp_path / "locked.docx")


def test_a_part_outside_the_archive_is_not_written(sandbox, tmp_path, plain_docx):
    path = repacked(plain_docx, tmp_path / "up.docx", {"../../escaped.xml": b"<a/>", "/tmp/escaped-too.xml": b"<a/>"})
    assert [document.text for document in sandbox.read_documents(path)] == [TEXT]
    assert not (tmp_path.parent.parent / "escaped.xml").exists() and not Path("/tmp/escaped-too.xml").exists()


def test_a_sheet_that_claims_a_million_empty_rows_is_read(sandbox, tmp_path, plain_xlsx):
    with zipfile.ZipFile(plain_xlsx) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    )
    path = repacked(plain_xlsx, tmp_path / "far.xlsx", {"xl/worksheets/sheet1.xml": far})
    assert [document.title for document in sandbox.read_documents(path)] == ["甲"]


# -- wrong, empty, encrypted -----------------------------------------------------------------


@pytest.mark.parametrize(
    "name, data, words",
    [
        ("pdf.docx", b"%PDF-1.7\n", "holds a PDF.*rename it to .pdf"),
        (
            "old.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "encrypted document, or one of Word or Excel",
        ),
        ("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted document"),
        ("rtf.docx", b"{\\rtf1 hello}", "RTF"),
        ("page.docx", b"<html><p>x</p>", "holds a web page"),
        ("text.docx", b"plain text", "not a .docx file"),
        ("text.pdf", b"plain text", "not a PDF"),
        ("zip.pdf", b"PK\x03\x04" + bytes(100), "not a PDF"),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<<", "damaged"),
        ("zip.txt", b"PK\x03\x04\0\0" + bytes(range(256)), "not a text file"),
        ("nul.html", b"<p>\0\0\0\0</p>\0\0\0", "text"),
        ("bytes.csv", bytes(range(256)) * 4, "not a text file"),
        *[(f"empty.{suffix}", b"", "empty|no text") for suffix in "txt md html htm pdf docx xlsx csv jsonl".split()],
        *[(f"blank.{suffix}", b" \n \n", "empty|no text") for suffix in ("html", "pdf", "docx", "xlsx", "csv")],
        ("no.html", b"<script>var a = 1</script>", "no text"),
        ("no.csv", "甲,乙\n1,2\n".encode(), "no column is known; expected a header row"),
        ("header.csv", "标题,正文\n".encode(), "no rows"),
    ],
)
def test_what_is_not_the_format_is_said_in_one_line(name, data, words, sandbox, tmp_path):
    (tmp_path / name).write_bytes(data)
    assert re.search(words, refusal(sandbox, tmp_path / name))


def test_an_encrypted_pdf_is_said_to_be_one(sandbox, tmp_path):
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "locked.pdf"
    canvas = Canvas(str(path), encrypt=StandardEncryption("reader", "owner"))
    canvas.drawString(72, 720, "secret")
    canvas.save()
    assert "encrypted; save it without a password" in refusal(sandbox, path)


def test_pipes_devices_sockets_folders_and_links_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "socket.txt"))
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing")
    for name in ("pipe.txt", "socket.txt", "zero.txt", "loop.txt", "folder.txt", "gone.txt"):
        with pytest.raises(DocumentError, match=name.split(".")[0]):
            read_documents(tmp_path / name)
    assert list(files_under(tmp_path)) == []
    with pytest.raises(DocumentError):
        read_documents(tmp_path / "a\0b.txt")


# -- PDF -------------------------------------------------------------------------------------


def raw_pdf(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1, the first one its catalogue."""
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))
    return out.getvalue()


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (extra, len(data), data)


CATALOGUE, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%s>>>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def form_bomb() -> bytes:
    """Forms that draw the next one ten times each, nine deep."""
    forms = []
    for level in range(9):
        draws = b"/X Do " * 10 if level < 8 else b"BT /F 9 Tf (boom) Tj ET"
        extra = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F 5 0 R>>/XObject<</X %d 0 R>>>>" % (
            7 + level
        )
        forms.append(stream(draws, extra))
    return raw_pdf([CATALOGUE, PAGES, PAGE % b"/XObject<</X 6 0 R>>", stream(b"/X Do"), FONT, *forms])


HOSTILE_PDFS = {
    "pages in a circle": raw_pdf([CATALOGUE, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2000>>"]),
    "a billion pages": raw_pdf(
        [CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>", PAGE % b"", stream(b""), FONT]
    ),
    "a catalogue that is itself its pages": raw_pdf([b"<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 1>>"]),
    "a stream of 1 GB": raw_pdf(
        [CATALOGUE, PAGES, PAGE % b"", stream(zlib.compress(b" " * 300_000_000, 9), b"/Filter/FlateDecode"), FONT]
    ),
    "filters in a chain": raw_pdf(
        [CATALOGUE, PAGES, PAGE % b"",
         stream(zlib.compress(zlib.compress(b" " * 100_000_000)), b"/Filter[/FlateDecode/FlateDecode]"), FONT]
    ),
    "a form that draws itself": raw_pdf(
        [CATALOGUE, PAGES, PAGE % b"/XObject<</X 6 0 R>>", stream(b"/X Do"), FONT,
         stream(b"/X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>")]
    ),
    "forms in forms": form_bomb(),
    "a length that is itself": raw_pdf(
        [CATALOGUE, PAGES, PAGE % b"", b"<</Length 4 0 R>>\nstream\nx\nendstream", FONT]
    ),
    "arrays in arrays": raw_pdf([CATALOGUE, b"<</Type/Pages/Kids" + b"[" * 200_000 + b"]" * 200_000 + b"/Count 1>>"]),
    "a page of a trillion points": raw_pdf([CATALOGUE, PAGES, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1e12 1e12]>>"]),
    "two million characters on a page": raw_pdf(
        [CATALOGUE, PAGES, PAGE % b"", stream(b"BT /F 9 Tf " + b"(word word word word) Tj " * 100_000 + b" ET"), FONT]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_PDFS)
def test_a_hostile_pdf_ends_in_documents_or_one_line(name, sandbox, tmp_path):
    path = tmp_path / "hostile.pdf"
    path.write_bytes(HOSTILE_PDFS[name])
    started = time.monotonic()
    try:
        documents = sandbox.read_documents(path)
        assert all(len(document.text) <= LIMITS.characters for document in documents)
    except BayCaseError as error:
        assert "\n" not in str(error) and "hostile.pdf" in str(error)
    assert time.monotonic() - started < SMALL.wall_seconds + 30


def test_a_picture_of_a_page_asks_for_the_extra(sandbox, tmp_path, caplog):
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "scan.pdf"
    picture = ImageReader(Image.new("RGB", (60, 80), "grey"))
    canvas = Canvas(str(path))
    canvas.drawImage(picture, 0, 0, 500, 700)
    canvas.showPage()
    canvas.showPage()  # a blank page is nothing to speak of
    canvas.save()
    from baycase.corpus.formats import ocr

    if ocr.installed():
        assert "no text" in refusal(sandbox, path)
        return
    assert re.search(r"no text on page 1; .*pip install 'baycase\[ocr\]'", refusal(sandbox, path))
    canvas = Canvas(str(tmp_path / "half.pdf"))
    canvas.drawImage(picture, 0, 0, 500, 700)
    canvas.showPage()
    canvas.drawString(72, 720, "A page that has words on it.")
    canvas.save()
    (document,) = sandbox.read_documents(tmp_path / "half.pdf")
    assert document.text == "A page that has words on it." and document.source_map.page(3) == 2
    assert re.search(r"half\.pdf: no text on page 1, left out; .*baycase\[ocr\]", caplog.text)


# -- text and HTML ---------------------------------------------------------------------------


def test_html_a_hundred_thousand_deep_is_refused(sandbox, tmp_path):
    path = tmp_path / "deep.html"
    path.write_text("<div>" * 100_000 + TEXT + "</div>" * 100_000, "utf-8")
    assert "depth" in refusal(sandbox, path)


def test_entities_in_html_are_not_expanded_beyond_measure(sandbox, tmp_path):
    path = tmp_path / "laughs.html"
    path.write_bytes(LAUGHS + b"<p>&l; text</p>")
    (document,) = sandbox.read_documents(path)
    assert len(document.text) < 1_000


@pytest.mark.parametrize("name", ["line.txt", "line.md", "line.html", "line.csv", "line.jsonl"])
def test_fifty_megabytes_in_one_line_are_refused_with_the_limit(name, sandbox, tmp_path):
    (tmp_path / name).write_bytes(b"text,title\n" * (name == "line.csv") + b"a" * 50_000_000)
    assert re.search(r"may have|split it", refusal(sandbox, tmp_path / name))


def test_two_hundred_megabytes_are_refused_unread(sandbox, tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as out:
        out.truncate(200_000_000)
    assert "200 MB; a .txt file may have 20 MB (split it)" in refusal(sandbox, path)


def test_a_nul_is_refused_and_control_characters_do_not_reach_the_text(sandbox, tmp_path, plain_docx):
    (tmp_path / "nul.txt").write_bytes(f"一句{chr(0)}话。".encode())
    assert "not a text file" in refusal(sandbox, tmp_path / "nul.txt")
    (tmp_path / "control.html").write_text(f"<p>一\x07句话。&#7;&#27;[31m</p><p>{TEXT}</p>", "utf-8")
    text = sandbox.read_documents(tmp_path / "control.html")[0].text
    assert not re.search("[\0-\x09\x0b-\x1f]", text) and TEXT in text


def test_characters_that_turn_text_around_stay_in_the_text_and_out_of_names(sandbox, tmp_path):
    turned = "案例\u202e卸装\u202c上线。\u2066隔离\u2069"
    path = tmp_path / "ab\u202etxt.exe.txt"
    path.write_text(turned, "utf-8")
    (document,) = sandbox.read_documents(path)
    assert document.text == turned
    assert document.doc_id == "abtxt.exe" and "\u202e" not in document.title + document.source


@pytest.mark.parametrize("name", [b"a\nb\x1b[2J.txt", b"..\\..\\x.txt", b"-rf.txt", b"\xff\xfe.txt", b"%2e%2e%2fx.txt"])
def test_odd_names_give_clean_ids_and_messages_of_one_line(name, sandbox, tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_text("一句话。", "utf-8")
    (document,) = sandbox.read_documents(path)
    for shown in (document.doc_id, document.title, document.source):
        assert shown.isprintable() and shown.encode("utf-8")
    assert "/" not in document.doc_id and "\\" not in document.doc_id
    path.write_bytes(b"")
    with pytest.raises(DocumentError) as raised:
        sandbox.read_documents(path)
    assert str(raised.value).isprintable()


def test_a_row_and_a_cell_without_end_are_refused(sandbox, tmp_path):
    (tmp_path / "wide.csv").write_text("title,text\n" + "a," * 2_000_000 + "\n", "utf-8")
    assert [document.title for document in sandbox.read_documents(tmp_path / "wide.csv")] == ["a"]
    with Sandbox(replace(SMALL, rows=100)) as strict:
        (tmp_path / "tall.csv").write_text("title,text\n" + "a,b\n" * 101, "utf-8")
        assert "more than 100 rows" in refusal(strict, tmp_path / "tall.csv")


# -- the child process -----------------------------------------------------------------------


def test_memory_and_time_have_limits(tmp_path):
    words = tmp_path / "words.html"
    words.write_text("<p>" + "<b>词</b>" * 500_000 + "</p>", "utf-8")
    with Sandbox(replace(SMALL, memory=120_000_000)) as little:
        assert re.search("memory", refusal(little, words))
    with Sandbox(replace(SMALL, cpu_seconds=1, wall_seconds=600)) as quick:
        for _ in range(2):  # the second time by a new child
            with pytest.raises(DocumentError, match="processor time"):
                quick.read_documents(words)
    with Sandbox(replace(SMALL, wall_seconds=1)) as hurried, pytest.raises(DocumentError, match="not read within 1 s"):
        hurried.read_documents(words)


def test_a_child_that_was_killed_is_replaced(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(f"<p>{TEXT}</p>", "utf-8")
    with Sandbox(SMALL) as sandbox:
        for _ in range(3):
            assert sandbox.read_documents(page)[0].text == TEXT
            assert sandbox._child
            sandbox._child._process.kill()
            sandbox._child._process.wait()
            with pytest.raises(DocumentError, match="broke the program"):
                sandbox.read_documents(page)
        assert sandbox.read_documents(page)[0].text == TEXT


def test_many_tiny_files_are_quick(tmp_path):
    for number in range(1_000):
        path = tmp_path / f"{number}.{('txt', 'md', 'csv', 'html')[number % 4]}"
        path.write_text(f"title,text\n题{number},一句话。\n", "utf-8")
    started = time.monotonic()
    with Sandbox() as sandbox:
        read = [sandbox.read_documents(path) for path in files_under(tmp_path)]
    assert len(read) == 1_000 and all(read)
    assert time.monotonic() - started < 60


def test_what_the_sandbox_gives_is_checked(tmp_path):
    from baycase.corpus.transport import NotADocumentError, document_from_json, document_to_json

    path = tmp_path / "a.txt"
    path.write_text("案例一\n案例名称：甲\n报送单位：乙\n背景，2023年。一是做。成了。二是又做。成了。\n成效。", "utf-8")
    (document,) = read_path(path)
    record = document_to_json(document)
    assert document_from_json(record) == document
    for field, value in [
        ("text", 3), ("text", ""), ("doc_id", None), ("passages", [[0, 10_000, "x", []]]), ("passages", 7),
        ("passages", [[5, 2, "x", []]]), ("map", [[0, -1, 3, None]]), ("map", [["0", 0, 1, None]]), ("case", []),
        ("case", {"number": 1}),
    ]:  # fmt: skip
        with pytest.raises(NotADocumentError):
            document_from_json(record | {field: value})
