"""Tables: which columns are known, and what a row becomes."""

import pytest

from baycase.corpus.reader import read_path
from baycase.errors import DocumentError
from tests.corpus.formats import making

HEADERS = [
    ["案例编号", "案例名称", "报送单位", "案例正文"],
    ["number", "Title", "unit", "TEXT"],
    ["序号：", "题 目", "申报单位", "内容"],
    ["no.", "name", "Organisation", "content"],
]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_row_with_units_is_a_case(header, delimiter, tmp_path):
    path = tmp_path / "a.csv"
    row = ["案例七", "港车北上", "省公安厅、省商务厅", "背景。一是核发牌证。已发。二是免担保。已免。"]
    path.write_text("\n".join(delimiter.join(cells) for cells in (header, row)), "utf-8-sig")
    (document,) = read_path(path)
    assert document.case and (document.doc_id, document.title, document.case.number) == ("a-07", "港车北上", 7)
    assert [unit.of(document.text) for unit in document.case.units] == ["省公安厅", "省商务厅"]
    assert len(document.case.measures) == 2


def test_other_rows_are_documents_of_one_collection(tmp_path):
    rows = [
        ["id", "title", "text", "note"],
        ["x/1", "甲", "一句。", "?"],
        ["x/1", "乙", "两句。", ""],
        ["", "", "三句。", ""],
        ["", "", "", ""],
    ]
    path = making.xlsx(tmp_path / "a.xlsx", rows)
    documents = list(read_path(path, "somewhere"))
    assert [(d.doc_id, d.title, d.text) for d in documents] == [
        ("a-x-1", "甲", "甲\n一句。"),
        ("a-x-1-2", "乙", "乙\n两句。"),
        ("a-03", "a-03", "三句。"),
    ]
    assert {(d.collection, d.source) for d in documents} == {("a", "somewhere")}


def test_sections_in_columns_of_their_own_are_paragraphs(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('名称,单位,背景,主要做法,成效\n甲,乙,"背景。","一是做。做了。二是又做。也做了。",成效。\n', "utf-8")
    (document,) = read_path(path)
    assert document.case and document.case.background and document.case.outcomes
    assert (
        document.case.background.of(document.text) == "背景。" and document.case.outcomes.of(document.text) == "成效。"
    )
    assert len(document.case.measures) == 2


def test_every_sheet_with_a_header_is_read(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    assert first is not None
    for sheet in (first, book.create_sheet("第二批")):
        sheet.append(["标题", "正文", "日期"])
        sheet.append(["甲", 84, None])
    book.create_sheet("空")
    book.save(tmp_path / "a.xlsx")
    assert [(d.doc_id, d.text) for d in read_path(tmp_path / "a.xlsx")] == [
        ("a-01", "甲\n84"),
        ("a-第二批-01", "甲\n84"),
    ]


def test_a_table_without_known_columns_says_which_are(tmp_path):
    (tmp_path / "a.csv").write_text("甲,乙\n1,2\n", "utf-8")
    with pytest.raises(
        DocumentError, match=r"no column is known; expected a header row with 案例名称/title, .*正文/text"
    ):
        list(read_path(tmp_path / "a.csv"))
    making.xlsx(tmp_path / "b.xlsx", [["甲", "乙"], ["1", "2"]])
    with pytest.raises(DocumentError, match="no column is known in any sheet"):
        list(read_path(tmp_path / "b.xlsx"))
