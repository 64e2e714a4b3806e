"""Sheets of questions: columns by name, evidence located, bad rows listed by number."""

from pathlib import Path

import openpyxl
import pytest

from baycase.errors import TestSetError
from baycase.eval.locating import Locator
from baycase.eval.tables import read_table
from baycase.search.library import Library


@pytest.fixture
def locator(library: Library) -> Locator:
    return Locator(library.documents())


def test_pasted_text_is_found_whatever_its_white_space_and_script(locator: Locator, library: Library) -> None:
    (place,) = locator.places("茶農每年 四月\n採摘第一批新茶")
    assert place.doc_id == "tea" and place.quote == "茶农每年四月采摘第一批新茶"
    assert library.document("tea").text[place.start : place.end] == place.quote
    assert locator.places("不在任何文件里的一句话") == []
    assert locator.places("大桥") == []  # too short to mean one place


def test_csv_in_chinese_with_bad_rows(locator: Locator, tmp_path: Path) -> None:
    path = tmp_path / "我的问题.csv"
    path.write_text(
        "问题,案例,原文,答案,语言\n"
        "茶农几月采摘？,tea,茶农每年四月采摘第一批新茶。,四月,中文\n"
        "桥有多长？,,大桥全长五十五公里,五十五公里|55公里,\n"
        ",tea,,,\n"
        "港口在哪？,harbour,,,\n"
        "\n"
        "何時上課？,school,這一句不在原文之中,,zh-HK\n"
        "谁来？,,也找不到的一句话,,\n"
        "什么语言？,tea,,,法语\n",
        encoding="utf-8-sig",
    )
    found = read_table(path, locator)
    assert {name: [q.id for q in each] for name, each in found.subsets.items()} == {
        "zh-Hans": ["row-2", "row-3"],
        "zh-Hant": ["row-7"],
    }
    first, second = found.subsets["zh-Hans"]
    assert first.relevant == {"tea": 2} and first.evidence[0].quote == "茶农每年四月采摘第一批新茶。"
    assert second.relevant == {"bridge": 2} and second.answers == ("五十五公里", "55公里")
    said = "\n".join(found.problems)
    for part in (
        "row 4: the question is empty",
        "row 5: no document 'harbour'",
        "row 7: the passage was not found in school",
        "row 8: the passage was not found in any document",
        "row 9: the language is '法语'",
    ):
        assert part in said, part


def test_xlsx_in_english(locator: Locator, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["ID", "Question", "Expected case", "Language"],
        ["one", "How long is the bridge?", "bridge", "English"],
    ):
        sheet.append(row)
    book.save(tmp_path / "mine.xlsx")
    (question,) = read_table(tmp_path / "mine.xlsx", locator).subsets["en"]
    assert (question.id, question.relevant) == ("one", {"bridge": 2})


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is empty"), ("甲,乙\n1,2\n", "the columns are 甲, 乙"), ("问题,案例\n", "no usable question")],
)
def test_no_table(locator: Locator, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TestSetError, match=said):
        read_table(path, locator)


def test_no_xlsx(locator: Locator, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"not a zip")
    with pytest.raises(TestSetError, match="no XLSX"):
        read_table(tmp_path / "x.xlsx", locator)
