"""Documents as offices have them: forms, tables of cases, revisions, footnotes, columns, covers, pages of sites."""

from pathlib import Path

import pytest
from docx import Document as new_docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl import Workbook
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from baycase.corpus.folders import files_under
from baycase.corpus.reader import read_path
from baycase.corpus.records import Document
from baycase.errors import DocumentError
from tests.corpus.formats import making, office
from tests.corpus.formats.office import CASES


def lines(documents: list[Document]) -> list[str]:
    return [line for document in documents for line in document.text.split("\n")]


def check_cases(documents: list[Document]) -> None:
    """The two cases, each with all its fields."""
    assert len(documents) == 2
    for document, (title, units, background, _, outcomes) in zip(documents, CASES, strict=True):
        case, text = document.case, document.text
        assert case and case.background and case.outcomes
        assert case.title.of(text) == document.title == title
        assert [unit.of(text) for unit in case.units] == units.split("、")
        assert case.background.of(text) == background and case.outcomes.of(text) == outcomes
        assert len(case.measures) == 2


# -- Word ------------------------------------------------------------------------------------


def test_the_rows_of_a_table_of_cases_are_cases(tmp_path):
    rest, *cases = read_path(office.table_docx(tmp_path / "a.docx"))
    check_cases(cases)
    assert rest.text == "典型案例汇总表\n联系人：李四。" and [d.doc_id for d in cases] == ["a-01", "a-02"]


def test_beside_cases_in_the_text_a_table_of_them_is_an_overview(tmp_path):
    word = new_docx()
    table = word.add_table(rows=0, cols=3)
    for row in [("案例名称", "报送单位", "内容"), ("甲", "省法院", "见正文。")]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    for text in ("案例一", "案例名称：甲", "报送单位：省法院", "正文。"):
        word.add_paragraph(text)
    word.save(str(tmp_path / "a.docx"))
    overview, case = read_path(tmp_path / "a.docx")
    assert overview.text == "案例名称 | 报送单位 | 内容\n甲 | 省法院 | 见正文。" and case.doc_id == "a-01"


def test_a_form_is_a_case(tmp_path):
    word = new_docx()
    for title, units, background, measures, outcomes in CASES:
        word.add_heading("典型案例申报表", 1)
        table = word.add_table(rows=0, cols=4)
        for *labels, value in [
            ("案例名称", title), ("申报单位", units), ("联系人", "李四", "电话", "12345678"), ("案例背景", background),
            ("主要做法", measures), ("实施成效", outcomes), ("审核意见", "（盖章）\n年  月  日"),
        ]:  # fmt: skip
            cells = table.add_row().cells
            for cell, label in zip(cells, labels, strict=False):
                cell.text = label
            cells[len(labels)].merge(cells[3]).text = value
    word.save(str(tmp_path / "a.docx"))
    _, *cases = read_path(tmp_path / "a.docx")
    check_cases(cases)
    assert [document.doc_id for document in cases] == ["a-01", "a-02"]


def test_tracked_changes_are_read_as_accepted(tmp_path):
    word, w = new_docx(), nsdecls("w")
    first = word.add_paragraph("延长服务时间，")
    first._p.get_or_add_pPr().append(parse_xml(f"<w:rPr {w}><w:del w:id='1' w:author='a'/></w:rPr>"))
    word.add_paragraph("周末照常受理。")
    moved = word.add_paragraph()
    moved._p.append(parse_xml(f"<w:moveFrom {w} w:id='2' w:author='a'><w:r><w:t>移走的。</w:t></w:r></w:moveFrom>"))
    hidden = word.add_paragraph("看得见的。")
    hidden._p.append(parse_xml(f"<w:r {w}><w:rPr><w:vanish/></w:rPr><w:t>看不见的。</w:t></w:r>"))
    word.save(str(tmp_path / "a.docx"))
    assert lines(list(read_path(tmp_path / "a.docx"))) == ["延长服务时间，周末照常受理。", "看得见的。"]


def test_a_footnote_follows_its_paragraph_once(tmp_path):
    assert lines(list(read_path(office.footnote_docx(tmp_path / "a.docx")))) == [
        "按“等效先认”办理，保费由两地核定。", "注：见《总体方案》第十九条。", "下一段。",
    ]  # fmt: skip


def test_an_official_document_is_called_what_its_title_says(tmp_path):
    word = new_docx()
    for text in (
        "××市人民政府文件",
        "×府〔2024〕18号",
        "××市人民政府关于印发若干措施的通知",
        "各区人民政府：",
        "请执行。",
    ):
        word.add_paragraph(text)
    word.save(str(tmp_path / "18.docx"))
    (document,) = read_path(tmp_path / "18.docx")
    assert document.title == "××市人民政府关于印发若干措施的通知"


# -- PDF -------------------------------------------------------------------------------------


def test_columns_are_read_one_after_the_other(tmp_path):
    (document,) = read_path(office.columns_pdf(tmp_path / "a.pdf"))
    assert document.text.split("\n") == office.PARAGRAPHS
    assert {piece.page for piece in document.source_map.pieces} == {1, 2}


def test_a_cover_and_a_table_of_contents_are_not_in_the_way(tmp_path, shipped):
    pdfmetrics.registerFont(UnicodeCIDFont(making.FONT))
    printed = [(0, "典型案例汇编"), (0, "二〇二四年八月"), *[(0, "")] * 24, (0, "目  录")]
    printed += [(0, f"案例{n}  {d.title[:12]}" + "…" * 10 + str(n)) for n, d in enumerate(shipped[:3], 1)]
    printed += [(0, "")] * (52 - len(printed))
    for document in shipped[:3]:
        for at, text in enumerate(making.paragraphs(document)):
            indent = 2 if at > 2 else 0
            printed += [(indent if n == 0 else 0, line) for n, line in enumerate(making.wrapped(text, 28, indent))]
    cover, *cases = read_path(making.pdf(tmp_path / "a.pdf", printed))
    assert "…" not in cover.text and "目" not in cover.text and "典型案例汇编" in cover.text
    assert [document.title for document in cases] == [document.title for document in shipped[:3]]


def test_a_hyphen_of_the_word_stays_and_one_of_the_line_goes(tmp_path):
    printed = ["A policy that was taken out for cross-", "boundary trips by a resident of the pro-", "vince is valid."]
    path = making.pdf(tmp_path / "a.pdf", [(0, line) for line in printed], header="", footer="1", size=11)
    (document,) = read_path(path)
    assert document.text == (
        "A policy that was taken out for cross-boundary trips by a resident of the province is valid."
    )


def test_a_pdf_that_may_only_not_be_edited_is_read(tmp_path):
    from reportlab.lib.pdfencrypt import StandardEncryption

    canvas = Canvas(str(tmp_path / "a.pdf"), encrypt=StandardEncryption("", "owner", canModify=0))
    canvas.drawString(72, 720, "Anybody may read this.")
    canvas.save()
    assert lines(list(read_path(tmp_path / "a.pdf"))) == ["Anybody may read this."]


# -- web pages -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["TRS_Editor", "article-content", "view TRS_UEDITOR trs_paper_default"])
def test_of_a_government_page_the_article_and_its_headline_are_the_text(name, tmp_path):
    (tmp_path / "a.html").write_bytes(office.SITE.format(name).encode("gb18030"))
    (document,) = read_path(tmp_path / "a.html")
    words = [line.strip("\u3000") for line in document.text.split("\n")]
    assert words[:2] == ["我市两项改革经验获推广", "发布时间：2024-08-01 来源：市发展改革委"]
    assert words[2:-2] == [text for case in CASES for text in (case[0], *case[2:])]
    assert words[-2:] == ["指标 | 改革后", "时间 | 12分钟"]


def test_an_article_in_several_parts_is_read_whole(tmp_path):
    parts = "".join(
        f"<div class=TRS_Editor><p>{case[2] * size}</p></div>" for case, size in zip(CASES, (4, 2), strict=True)
    )
    (tmp_path / "a.html").write_text(f"<div id=x><p>目录</p></div><div id=y>{parts}</div><p>电话</p>", "utf-8")
    (document,) = read_path(tmp_path / "a.html")
    assert document.text == f"{CASES[0][2] * 4}\n{CASES[1][2] * 2}"


def test_without_a_known_name_what_stands_around_the_article_still_goes(tmp_path):
    (tmp_path / "a.html").write_bytes(office.SITE.format("x").encode("gb18030"))
    text = "\n".join(lines(list(read_path(tmp_path / "a.html"))))
    for gone in ("位置", "浏览次数", "打印", "分享", "上一篇", "下一篇", "相关新闻", "省里召开", "机构"):
        assert gone not in text
    for kept in ("我市两项改革经验获推广", "2024-08-01", *(each for case in CASES for each in case[2:])):
        assert kept in text


def test_a_table_of_cases_on_a_page_of_tables(tmp_path):
    (tmp_path / "a.htm").write_text(office.TABLES, "utf-8")
    rest, *cases = read_path(tmp_path / "a.htm")
    assert rest.text == "现公布如下。\n特此公布。"
    check_cases(cases)


# -- tables and what is not read -------------------------------------------------------------


def test_a_workbook_as_it_is_filled_in(tmp_path):
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["2024年典型案例报送汇总表"])
    sheet.merge_cells("A1:G1")
    sheet.append(["填报单位：市大湾区办", None, None, "填报日期：2024年8月1日"])
    sheet.append(["序号", "案例\n名称", "报送单位", "案例背景（500字以内）", "主要做法及举措", "取得的成效", "联系人"])
    for number, case in enumerate(CASES, 1):
        sheet.append([number, *case, "李四"])
    sheet.append(["合计", "2个"])
    book.save(tmp_path / "a.xlsx")
    check_cases(list(read_path(tmp_path / "a.xlsx")))


@pytest.mark.parametrize(
    "suffix, better", [(".doc", ".docx"), (".WPS", ".docx"), (".xls", ".xlsx"), (".ofd", ".pdf"), (".pptx", ".pdf")]
)
def test_a_document_in_another_format_is_named_and_not_passed_over(suffix, better, tmp_path):
    path = tmp_path / f"旧版{suffix}"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (tmp_path / "~$a.docx").write_bytes(b"what Word keeps beside an open file")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(DocumentError, match=f"旧版{suffix}: {suffix} files are not read; save it as {better}$"):
        list(read_path(path))
    unread: list[tuple[Path, str]] = []
    assert list(files_under(tmp_path, unread)) == []
    assert unread == [(path, f"{path}: {suffix} files are not read; save it as {better}")]
