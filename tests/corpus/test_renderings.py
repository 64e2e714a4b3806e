"""Translation memories and tables of two columns: what is read from them, what is refused, what is written."""

import pytest

from baycase.corpus.records import Rendering, Span
from baycase.corpus.renderings import read_renderings, rendering_of, write_tmx
from baycase.errors import DocumentError

PAIRS = [
    Rendering("深圳推进数据跨境流动。", "en", "Shenzhen promotes cross-boundary data flow.", "project"),
    Rendering("横琴口岸 <A&B>", "en", 'Hengqin Port <A&B> "co-location"', "official"),
    Rendering("横琴口岸 <A&B>", "zh-Hant", "橫琴口岸 <A&B>", "machine"),
    Rendering("Hong Kong residents", "zh-Hans", "香港居民", "official"),
]


def tmx(body: str, header: str = '<header srclang="zh-CN"/>', before: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}<tmx version="1.4">{header}<body>{body}</body></tmx>'


def unit(*variants: tuple[str, str], inside: str = "") -> str:
    written = "".join(f'<tuv xml:lang="{code}"><seg>{text}</seg></tuv>' for code, text in variants)
    return f"<tu>{inside}{written}</tu>"


def test_a_memory_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "memory.tmx"
    assert write_tmx(path, PAIRS) == 4
    assert sorted(read_renderings(path), key=str) == sorted(PAIRS, key=str)


def test_what_xml_cannot_hold_does_not_stop_the_writing(tmp_path):
    path = tmp_path / "memory.tmx"
    write_tmx(path, [Rendering("深圳\x0b数据", "en", "Shenzhen\x00 data", "project")])
    assert read_renderings(path) == [Rendering("深圳 数据", "en", "Shenzhen  data", "project")]


def test_the_source_is_the_memorys_source_language_in_whatever_order(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(tmx(unit(("en-US", "customs"), ("zh-CN", "海关"))), encoding="utf-8")
    assert read_renderings(path) == [Rendering("海关", "en", "customs", "official")]


def test_without_a_source_language_the_first_text_is_the_source(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(
        tmx(unit(("EN", "customs"), ("ZH-HK", "海關")), header='<header srclang="*all*"/>'), encoding="utf-8"
    )
    assert read_renderings(path) == [Rendering("customs", "zh-Hant", "海關", "official")]


def test_a_unit_in_three_languages_gives_two_renderings(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(tmx(unit(("zh-CN", "海关"), ("zh-TW", "海關"), ("en", "customs"))), encoding="utf-8")
    assert {(r.language, r.text) for r in read_renderings(path)} == {("zh-Hant", "海關"), ("en", "customs")}


def test_markup_inside_a_segment_is_left_out_and_its_words_stay(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(
        tmx(unit(("zh-CN", "海<hi>关</hi>总署"), ("en", "<hi>General</hi> Administration"))), encoding="utf-8"
    )
    assert read_renderings(path) == [Rendering("海关总署", "en", "General Administration", "official")]


def test_who_translated_is_said_by_the_unit_the_header_or_the_caller(tmp_path):
    path = tmp_path / "memory.tmx"
    own = '<prop type="x-origin">machine</prop>'
    units = unit(("zh-CN", "海关"), ("en", "customs"), inside=own) + unit(("zh-CN", "口岸"), ("en", "port"))
    path.write_text(tmx(units), encoding="utf-8")
    assert [r.origin for r in read_renderings(path)] == ["machine", "official"]
    assert [r.origin for r in read_renderings(path, "project")] == ["machine", "project"]
    path.write_text(tmx(units, header=f'<header srclang="zh-CN">{own}</header>'), encoding="utf-8")
    assert [r.origin for r in read_renderings(path)] == ["machine", "machine"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_memory_in_the_encodings_of_translation_tools(tmp_path, encoding):
    path = tmp_path / "memory.tmx"
    text = tmx(unit(("zh-CN", "海关"), ("en", "customs"))).replace(
        "UTF-8", "UTF-16" if encoding == "utf-16" else "UTF-8"
    )
    path.write_bytes(text.encode(encoding))
    assert read_renderings(path) == [Rendering("海关", "en", "customs", "official")]


def test_declared_entities_are_refused_and_a_named_document_type_is_not(tmp_path):
    path = tmp_path / "memory.tmx"
    body = unit(("zh-CN", "海关"), ("en", "customs"))
    path.write_text(tmx(body, before='<!DOCTYPE tmx SYSTEM "tmx14.dtd">'), encoding="utf-8")
    assert len(read_renderings(path)) == 1
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    for entity in ('<!ENTITY a "aaaa">', f'<!ENTITY a SYSTEM "{secret.as_uri()}">'):
        path.write_text(
            tmx(unit(("zh-CN", "海关"), ("en", "&a;")), before=f"<!DOCTYPE tmx [{entity}]>"), encoding="utf-8"
        )
        with pytest.raises(DocumentError, match="entities"):
            read_renderings(path)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.tmx", "<tmx><body>", "not well-formed"),
        ("a.tmx", "<html/>", "expected tmx"),
        ("a.tmx", tmx(""), "no pair"),
        ("a.csv", "one,two\n", "no pair"),
        ("a.txt", "海关", "expected a .tmx"),
        ("a.xlsx", "not a workbook", "not a .xlsx file"),
    ],
)
def test_what_is_no_translation_is_named_with_what_was_expected(tmp_path, name, text, expected):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=expected):
        read_renderings(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DocumentError, match=r"none\.tmx: no such file"):
        read_renderings(tmp_path / "none.tmx")


@pytest.mark.parametrize(("suffix", "delimiter"), [(".csv", ","), (".tsv", "\t")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_of_two_columns(tmp_path, suffix, delimiter, encoding):
    path = tmp_path / f"pairs{suffix}"
    rows = [
        ["source", "translation"],
        ["海关总署关于跨境车辆的公告", "Announcement on vehicles"],
        ["边检", "frontier inspection", "machine"],
        ["空白", ""],
        ["International students", "国际学生"],
    ]
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    assert read_renderings(path, "project") == [
        Rendering("海关总署关于跨境车辆的公告", "en", "Announcement on vehicles", "project"),
        Rendering("边检", "en", "frontier inspection", "machine"),
        Rendering("International students", "zh-Hans", "国际学生", "project"),
    ]


def test_a_workbook_of_two_columns(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["中文", "英文"], ["海关", "customs"], [None, "alone"], ["口岸", "port", "official"]):
        sheet.append(row)
    book.save(tmp_path / "pairs.xlsx")
    found = read_renderings(tmp_path / "pairs.xlsx", "machine")
    assert [(r.source_text, r.text, r.origin) for r in found] == [
        ("海关", "customs", "machine"),
        ("口岸", "port", "official"),
    ]


def test_a_heading_and_its_sentence_are_joined_and_as_trustworthy_as_the_weaker():
    text = "一是核发电子牌证。车主在网上申办。"
    heading, span = Span(0, 9), Span(0, len(text))
    parts = {
        "一是核发电子牌证。": Rendering("一是核发电子牌证。", "en", "First, issuing permits.", "official"),
        "车主在网上申办。": Rendering("车主在网上申办。", "en", "Owners apply online.", "machine"),
    }
    joined = rendering_of(text, span, heading, parts)
    assert joined == Rendering(text, "en", "First, issuing permits. Owners apply online.", "machine")
    whole = Rendering(text, "en", "First, permits: owners apply online.", "official")
    assert rendering_of(text, span, heading, parts | {text: whole}) == whole
    assert rendering_of(text, span, heading, {"车主在网上申办。": parts["车主在网上申办。"]}) is None
    assert rendering_of(text, span, None, parts) is None
