"""Word documents: lists with their numbers, tables, and what is left out."""

import pytest
from docx import Document as new_docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from baycase.corpus.formats.list_numbers import written_number
from baycase.corpus.reader import read_path
from tests.corpus.formats import making


def lines(path) -> list[str]:
    return [line for document in read_path(path) for line in document.text.split("\n")]


def test_lists_tables_boxes_and_tracked_changes(tmp_path):
    assert lines(making.listed_docx(tmp_path / "a.docx"))[:4] == [
        "关于试点的通知", "1. 核发电子牌证。", "2. 推出免担保政策。", "不编号的一点。",
    ]  # fmt: skip
    assert lines(tmp_path / "a.docx")[4:] == [
        "案例名称：港车北上", "报送单位：省公安厅", "年份 | 2023", "正文加上的", "文本框里的话。",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "style, pattern, shown",
    [
        ("chineseCounting", "%1、", ["一、", "二、", "三、"]),
        ("decimal", "第%1章", ["第1章", "第2章", "第3章"]),
        ("lowerLetter", "(%1)", ["(a) ", "(b) ", "(c) "]),
        ("upperRoman", "%1.", ["I. ", "II. ", "III. "]),
        ("decimalEnclosedCircleChinese", "%1", ["①", "②", "③"]),
        ("bullet", "•", ["", "", ""]),
    ],
)
def test_numbers_of_lists_are_text(style, pattern, shown, tmp_path):
    word = new_docx()
    numbering = word.part.numbering_part.element
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{style}"/><w:lvlText w:val="{pattern}"/></w:lvl></w:abstractNum>'
    )
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text in ("推进互认。", "便利通关。", "共建平台。"):
        properties = word.add_paragraph(text)._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>'))
    word.save(str(tmp_path / "a.docx"))
    assert lines(tmp_path / "a.docx") == [
        f"{n}{t}" for n, t in zip(shown, ("推进互认。", "便利通关。", "共建平台。"), strict=True)
    ]


def test_contents_headers_and_footers_are_left_out(tmp_path):
    word = new_docx()
    word.sections[0].header.paragraphs[0].text = "页眉"
    word.sections[0].footer.paragraphs[0].text = "第 1 页"
    word.styles.add_style("TOC 1", 1)
    word.add_paragraph("案例一\t3", style="TOC 1")
    paragraph = word.add_paragraph("正文")
    paragraph.add_run("里的").add_break()
    paragraph.add_run("两行")
    paragraph._p.find(qn("w:r")).append(parse_xml(f"<w:noBreakHyphen {nsdecls('w')}/>"))
    word.save(str(tmp_path / "a.docx"))
    assert lines(tmp_path / "a.docx") == ["正文-里的", "两行"]


def test_a_table_of_fields_is_a_case(tmp_path):
    word = new_docx()
    word.add_heading("案例一", 1)
    table = word.add_table(rows=0, cols=2)
    for label, value in (("案例名称", "港车北上"), ("报送单位：", "省公安厅、省商务厅")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, value
    word.add_paragraph("背景。一是核发牌证。已发。二是免担保。已免。")
    word.add_paragraph("成效。")
    word.save(str(tmp_path / "a.docx"))
    (document,) = read_path(tmp_path / "a.docx")
    assert document.case and len(document.case.measures) == 2 and document.title == "港车北上"
    assert [unit.of(document.text) for unit in document.case.units] == ["省公安厅", "省商务厅"]


@pytest.mark.parametrize(
    "number, style, written",
    [
        (10, "chineseCounting", "十"), (12, "chineseCountingThousand", "十二"), (20, "taiwaneseCounting", "二十"),
        (99, "japaneseCounting", "九十九"), (120, "chineseCounting", "120"), (27, "lowerLetter", "aa"), (4, "i", "iv"),
        (1999, "I", "MCMXCIX"),
        (0, "a", "0"), (-3, "i", "-3"), (7, "decimalZero", "07"), (21, "decimalEnclosedCircle", "21"),
    ],
)  # fmt: skip
def test_numbers_are_written(number, style, written):
    assert written_number(number, style) == written
