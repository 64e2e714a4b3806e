"""Damage as PDFs make it, and texts that must be left alone."""

import re
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baycase.corpus.running_text import display_width, running_text

SHIPPED = (files("baycase.corpus") / "cases" / "gba-rule-alignment-cases.txt").read_text("utf-8")
CLEAN = running_text(SHIPPED).text
CASE = "\n".join(CLEAN.split("\n")[:5])


def assert_map_is_exact(source: str) -> str:
    """Every mapped character is the source's, no two share one, and unmapped ones are breaks and spaces."""
    restored = running_text(source)
    seen = 0
    mapped = set()
    for piece in restored.source_map.pieces:
        assert piece.source_start >= seen
        seen = piece.source_start + piece.length
        for offset in range(piece.start, piece.start + piece.length):
            mapped.add(offset)
            source_offset = restored.source_map.source_offset(offset)
            assert source_offset is not None and source[source_offset] == restored.text[offset]
    assert all(restored.text[at] in "\n " for at in range(len(restored.text)) if at not in mapped)
    return restored.text


def wrapped(text: str, columns: int, between: str, indent: int = 4) -> str:
    """Each paragraph broken at full lines, its first line shorter as an indent leaves it."""
    lines = []
    for paragraph in text.split("\n"):
        line, room = "", columns - indent
        for word in re.findall(r"[A-Za-z0-9.%+-]+|.", paragraph):
            if display_width(line + word) > room and word not in "，。、；：”》）":
                lines.append(line)
                line, room = "", columns
            line += word
        lines.append(line)
    return between.join(lines)


@pytest.mark.parametrize("source", ["", "\ufeff", "一行。", "\n\n", " \n", SHIPPED, SHIPPED.replace("\n", "\r\n")])
def test_the_map_is_exact(source):
    assert_map_is_exact(source)


def test_the_shipped_file_is_running_text_after_reading():
    assert CLEAN.count("\n") == 16 * 5 - 1
    assert "核发牌证6.4万多副，5.7万多辆" in CLEAN
    assert "2023年7月1日落地实施" in CLEAN
    assert "— 5—" not in CLEAN and "— 8—" not in CLEAN
    assert " " not in CLEAN


def test_restored_text_is_left_as_it_is():
    again = running_text(CLEAN)
    assert again.text == CLEAN
    assert len(again.source_map.pieces) == 1


@pytest.mark.parametrize("columns", [44, 56, 60, 72, 80, 96])
@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n", "\n\n\n"])
def test_the_cases_wrapped_at_another_width_come_back_whole(columns, between):
    assert assert_map_is_exact(wrapped(CLEAN, columns, between)) == CLEAN


@pytest.mark.parametrize("columns", [44, 56, 60, 72, 80, 96])
def test_empty_lines_part_paragraphs_where_they_are_few(columns):
    source = "\n\n".join(wrapped(paragraph, columns, "\n", indent=0) for paragraph in CLEAN.split("\n"))
    assert assert_map_is_exact(source) == CLEAN


def test_spaces_around_numbers_and_latin_words_are_damage_next_to_han_only():
    line = "在微信、WeChat Pay（境外版）和 AlipayHK 同步上线，覆盖 11.1 万多个用户，面向粤港澳大湾区全部"
    below = "居民开放并在每一座城市设立服务窗口，由各地政府部门共同管理共同推进，由 Hong Kong"
    source = f"{line}\n{below}\nMonetary Authority 认可。"
    text = assert_map_is_exact(source)
    assert "WeChat Pay（境外版）和AlipayHK同步" in text and "覆盖11.1万多个用户" in text
    assert "由Hong Kong Monetary Authority认可。" in text


@pytest.mark.parametrize("footer", ["— 5—", "- 12 -", "第5页", "第 5 页 共 16 页", "－ 3 －", "Page 3 of 9", "—5—"])
def test_page_footers_go_and_the_paragraph_goes_on(footer):
    lines = wrapped(CASE, 56, "\n\n").split("\n\n")
    source = "\n\n".join([*lines[:6], "", footer, "\f", *lines[6:]])
    assert assert_map_is_exact(source) == CASE


def test_a_number_cut_by_a_line_break_is_whole_again():
    lines = [
        "截至二〇二三年底的统计显示各项工作顺利推进，核发各类牌证 6.",
        "4 万多副以及配套的各类文件资料若干，惠及大湾区内地企业 1",
        "101 家和港澳居民若干，获得各方一致好评，占比达到九成即 90",
        "%以上。",
    ]
    text = assert_map_is_exact("\n\n".join(lines))
    assert "牌证6.4万多副" in text and "企业1101家" in text and text.endswith("即90%以上。")


def test_a_title_and_units_over_two_lines_are_one_line_each():
    body = wrapped(CLEAN.split("\n")[38], 56, "\n")
    title = "案例八\n案例名称：广东省人民政府在澳门首发贴标\n中欧《可持续金融》绿色债券"
    source = f"{title}\n报送单位：海关总署广东分署、\n珠海边检总站\n{body}"
    lines = assert_map_is_exact(source).split("\n")
    assert lines[1] == "案例名称：广东省人民政府在澳门首发贴标中欧《可持续金融》绿色债券"
    assert lines[2] == "报送单位：海关总署广东分署、珠海边检总站"


def test_structural_lines_begin_paragraphs_and_words_like_them_do_not():
    filler = "为贯彻落实粤港澳大湾区发展规划纲要要求推动规则衔接"
    opening = f"{filler}加快\n建设宜居湾区。\n一、总体要求\n{filler}坚持\n统筹推进并唯\n"
    source = f"{opening}{filler}有序\n{filler}以及\n（一）所称事项在内。\n（二）{filler}加\n快落实。"
    lines = assert_map_is_exact(source).split("\n")
    assert lines[1] == "一、总体要求"
    assert f"{filler}以及（一）所称事项在内。" in "".join(lines[2:4])
    assert lines[-1].startswith("（二）")


@pytest.mark.parametrize(
    "text",
    [
        "第一段话说完了。\n第二段话也说完了。\n\n  缩进 的 一段。\n",
        "春眠不觉晓\n处处闻啼鸟\n夜来风雨声\n花落知多少\n",
        "# Title\n\n- one\n- two\n- three\n\nA paragraph that ends here.\n",
        "张三\t13\n李四\t14\n王五\t15\n",
    ],
)
def test_text_that_is_not_hard_wrapped_is_verbatim(text):
    assert running_text(text).text == text


def test_bom_and_line_breaks_are_normalised():
    restored = running_text("\ufeff一。\r\n二。\r三。")
    assert restored.text == "一。\n二。\n三。"
    assert [restored.source_map.source_offset(at) for at in (0, 1, 2, 3)] == [1, 2, 4, 5]


def test_english_prose_keeps_its_spaces():
    source = (
        "The scheme allows Hong Kong private cars to travel to Guangdong through the\n"
        "Hong Kong-Zhuhai-Macao Bridge without a regular quota, and the applications\n"
        "are handled online by the departments that work together on either side of\n"
        "the boundary.\n"
    )
    assert assert_map_is_exact(source) == " ".join(source.split("\n")).strip()


ALPHABET = st.sampled_from("粤港澳规则衔接的是一二。，；：“”（）《》 \n\r\t\f0123.%AaBb—-案例名称报送单位页第")


@given(st.text(ALPHABET, max_size=300))
def test_any_text_has_an_exact_map_and_keeps_its_characters(source):
    text = assert_map_is_exact(source)
    if "\n" not in source and "\r" not in source and "\f" not in source:
        assert text == source


@given(
    st.lists(st.text(st.sampled_from("粤港澳规则衔接，、“”1.5aB"), min_size=20, max_size=45), min_size=3, max_size=12)
)
def test_hard_wrapped_lines_lose_nothing_but_white_space(lines):
    source = "\n\n".join(lines)
    text = assert_map_is_exact(source)
    assert "".join(text.split()) == "".join(source.split())


@given(st.lists(st.text(st.sampled_from("粤港澳规则衔接，“”1a "), min_size=1, max_size=60), min_size=1, max_size=8))
def test_paragraphs_that_end_with_a_full_stop_are_left_alone(paragraphs):
    text = "\n".join(paragraph + "。" for paragraph in paragraphs)
    assert running_text(text).text == text


def test_width_counts_wide_characters_twice():
    assert display_width("a湾“") == 5
    assert unicodedata.east_asian_width("“") == "A"
