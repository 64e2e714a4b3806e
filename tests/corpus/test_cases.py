"""The sixteen cases as a person reads them, and cases in other shapes."""

from importlib.resources import files
from itertools import pairwise

import pytest

from baycase.corpus.cases import find_cases, read_case
from baycase.corpus.decoding import decode
from baycase.corpus.records import Document, Span

# Read off the source by eye: title, reporting units, number of measures.
SIXTEEN = [
    ("“港车北上”“澳车北上”政策顺利落地实施", ["省公安厅", "国家金融监督管理总局广东监管局"], 4),
    ("高水平建设“1+12+N”港澳青年创新创业基地", ["省人力资源社会保障厅"], 3),
    ("创新实施粤澳货物“一单两报”服务", ["省商务厅"], 2),
    ("“湾区认证”推动三地质量认证规则衔接", ["省市场监管局"], 3),
    ("“湾事通”助力“三地同城、无感跨境”", ["省政务服务和数据管理局"], 3),
    ("粤港实现政务服务“跨境通办”", ["省政务服务和数据管理局"], 3),
    ("首个大湾区商事纠纷司法规则衔接指引出台", ["省法院"], 3),
    (
        "广东省人民政府在澳门首发贴标中欧《可持续金融共同分类目录》绿色债券",
        ["中国人民银行广东省分行", "省财政厅"],
        0,
    ),
    (
        "横琴口岸创新实施客货车“粤澳联合一站式”查验",
        ["海关总署广东分署", "珠海边检总站", "横琴粤澳深度合作区执行委员会"],
        0,
    ),
    ("广州探索科研用物资跨境自由流动新机制", ["广州市人民政府"], 3),
    ("深圳建立与国际标准衔接的医院评审认证体系", ["深圳市人民政府"], 3),
    ("珠海“小切口”立法助力澳门专业人士跨境便利执业", ["珠海市人民政府"], 2),
    ("中山率先落地“港药粤产”", ["中山市人民政府"], 3),
    ("前海率先试点推进建设领域规则与港澳衔接", ["前海深港现代服务业合作区管理局"], 5),
    ("南沙创新与港澳教育衔接机制", ["南沙区人民政府"], 3),
    ("河套率先试点数据跨境交易", ["河套深港科技创新合作区深圳园区发展署"], 3),
]

# First and last words of each case's background and outcomes.
ENDS = [
    ("“澳车北上”和“港车北上”", "实现“四个首创”。", "“港车北上”“澳车北上”政策实施", "132.9万多辆次。"),
    ("围绕建设粤港澳大湾区", "机制“软联通”。", "截至2023年底，港澳青年", "提供高质量服务。"),
    ("粤澳货物“一单两报”服务是", "提供便利报关服务。", "该服务于2022年3月10日", "区域一体化发展。"),
    ("“湾区认证”是继", "自愿性认证。", "“湾区认证”已在工业消费品", "在大湾区流通。"),
    ("“湾事通”（粤港澳跨境综合服务平台）", "综合服务平台。", "“湾事通”平台于2023年12月", "“三地同城、无感跨境”。"),
    ("2023年11月粤港签署", "实现三个创新。", "服务专区正式上线以来", "事项200余项。"),
    ("广东高院结合近年来", "提质增效。", "《指引（一）》立足内地", "法律服务品牌。"),
    ("中欧《可持续金融共同分类目录》", "绿色债券市场联动。", "该笔债券于2023年8月31日", "269个项目。"),
    ("“粤澳联合一站式”是拱北海关", "琴澳一体化发展。", "2023年9月26日起", "52.1万辆次。"),
    ("广州市试点开展", "跨境正面清单。", "试点以来，动物细胞", "超过3000万元。"),
    ("深圳市开展医院质量", "走向国际。", "与国际标准衔接的医院", "医院共9家。"),
    ("珠海市运用经济特区立法权", "澳门居民新家园。", "两部法规实施以来", "横琴执业资格。"),
    ("《粤港澳大湾区药品医疗器械", "“港药粤产”的先河。", "截至2024年2月，", "探索了新路径。"),
    ("2023年5月前海印发", "14项改革措施。", "目前，前海已选取", "香港人士参与建设。"),
    ("南沙区以广州南沙民心", "下一代大湾区青年。", "截至目前，学校在读", "良好示范效应。"),
    ("2023年6月河套编制", "数据跨境交易试点。", "试点以来，场内跨境", "交易项目合作。"),
]


def _words(document: Document, span: Span | None) -> str:
    assert span is not None
    return span.of(document.text)


def _case(document: Document):
    assert document.case is not None
    return document.case


def test_the_shipped_file_gives_sixteen_numbered_documents(shipped):
    assert [each.doc_id for each in shipped] == [f"gba-rule-alignment-cases-{n:02d}" for n in range(1, 17)]
    assert [_case(each).number for each in shipped] == list(range(1, 17))
    assert {each.collection for each in shipped} == {"gba-rule-alignment-cases"}


@pytest.mark.parametrize("at", range(16))
def test_title_units_and_measures_are_those_a_person_reads(shipped, at):
    document, (title, units, measures) = shipped[at], SIXTEEN[at]
    assert document.title == title
    assert _words(document, _case(document).title) == title
    assert [_words(document, unit) for unit in _case(document).units] == units
    assert len(_case(document).measures) == measures


@pytest.mark.parametrize("at", range(16))
def test_background_and_outcomes_begin_and_end_where_a_person_sees_them(shipped, at):
    document, (begins, ends, then_begins, then_ends) = shipped[at], ENDS[at]
    background, outcomes = _case(document).background, _case(document).outcomes
    assert _words(document, background).startswith(begins) and _words(document, background).endswith(ends)
    assert _words(document, outcomes).startswith(then_begins) and _words(document, outcomes).endswith(then_ends)
    assert "\n" not in _words(document, background) + _words(document, outcomes)


def test_measures_have_heading_and_text(shipped):
    measures = _case(shipped[0]).measures
    assert [_words(shipped[0], each.heading) for each in measures] == [
        "一是核发电子牌证。",
        "二是推出“免担保”政策。",
        "三是实行保险“等效先认”。",
        "四是创新申办模式。",
    ]
    assert _words(shipped[0], measures[3].text).startswith("依托中国（广东）国际贸易“单一窗口”")
    assert _words(shipped[0], measures[3].span).endswith("车主不出港澳即可一网申办。")


def test_measures_parted_by_semicolons_have_their_headings(shipped):
    document = shipped[5]
    second = _case(document).measures[1]
    assert _words(document, second.heading) == "二是以服务渠道“多元化”构建湾区服务“新矩阵”。"
    assert _words(document, second.span).endswith("推动湾区民生需求便捷办理；")


def test_a_measure_of_one_sentence_is_heading_and_text_alike(shipped):
    third = _case(shipped[6]).measures[2]
    assert third.heading == third.text == third.span
    assert _words(shipped[6], third.span) == "三是确认港澳法院和仲裁机构对案件事实认定的法律效力。"


@pytest.mark.parametrize("at", range(16))
def test_fields_lie_in_order_and_tile_the_body(shipped, at):
    document, case = shipped[at], _case(shipped[at])
    spans = [case.title, *case.units]
    body = [each for each in (case.background, *(m.span for m in case.measures), case.outcomes) if each]
    for earlier, later in pairwise([*spans, *body]):
        assert earlier.end <= later.start
    for earlier, later in pairwise(body):
        assert document.text[earlier.end : later.start].strip() == ""
    assert body[-1].end == len(document.text)
    for measure in case.measures:
        assert measure.span.holds(measure.heading) and measure.span.holds(measure.text)


def test_every_character_leads_back_to_the_shipped_file(shipped):
    data = (files("baycase.corpus") / "cases" / "gba-rule-alignment-cases.txt").read_bytes()
    source = decode(data, "shipped")
    for document in shipped:
        mapped = 0
        for piece in document.source_map.pieces:
            text = document.text[piece.start : piece.start + piece.length]
            assert text == source[piece.source_start : piece.source_start + piece.length]
            mapped += piece.length
        assert document.text.count("\n") == len(document.text) - mapped  # only line breaks were added
    all_text = "".join("".join(document.text.split()) for document in shipped)
    without_footers = source.replace("— 5—", "").replace("— 8—", "")
    assert all_text == "".join(without_footers.split())


def test_figures_of_the_cases(shipped):
    def of(at: int, kind: str) -> list[str]:
        return [each.span.of(shipped[at].text) for each in _case(shipped[at]).figures if each.kind == kind]

    assert of(0, "figure") == ["11.1万多个", "6.4万多副", "5.7万多辆", "132.9万多辆次"]
    assert of(0, "date") == ["2023年1月1日", "2023年7月1日", "截至2023年底"]
    assert of(6, "figure") == ["超1万件", "127亿余元", "25万余件", "1101亿余元"]
    assert of(9, "figure") == ["29项", "1-2周", "1-3天", "3天", "1天", "5天", "1天", "超过3亿元", "超过3000万元"]


def test_the_card_shows_every_field_with_its_offsets(shipped):
    card = shipped[8].card()
    assert card["number"] == 9 and card["measures"] == []
    for field in (card["title"], card["background"], card["outcomes"], *card["units"], *card["figures"]):
        assert shipped[8].text[field["start"] : field["end"]] == field["text"]


def test_a_text_without_cases_has_none():
    assert find_cases("关于印发方案的通知\n各有关单位：\n案例一很有意思。\n案例二\n也不是案例。") is None


@pytest.mark.parametrize(
    "number_line, number",
    [("案例1", 1), ("案例 十六", 16), ("案例二十一：", 21), ("案例3", 3), ("案例一百零二", 102)],
)
def test_number_lines_as_people_write_them(number_line, number):
    header = f"前言一句。\n{number_line}\n案例名称：甲“乙”丙\n报送单位：市甲局、市乙局，丙办\n"
    text = header + "背景。一是做甲。说明甲。二是做乙。说明乙。\n成效。"
    found = find_cases(text)
    assert found is not None and len(found) == 1
    case = read_case(text, found[0])
    assert (case.number, case.title.of(text)) == (number, "甲“乙”丙")
    assert [unit.of(text) for unit in case.units] == ["市甲局", "市乙局", "丙办"]
    assert [measure.span.of(text) for measure in case.measures] == ["一是做甲。说明甲。", "二是做乙。说明乙。"]


def test_a_case_in_traditional_characters_with_the_title_on_its_number_line():
    text = "案例2：跨境通辦\n報送單位：數據局\n背景。首先，設專區。再說。其次，設終端。\n成效。\n展望。"
    found = find_cases(text)
    assert found is not None
    case = read_case(text, found[0])
    assert case.title.of(text) == "跨境通辦"
    assert [measure.heading.of(text) for measure in case.measures] == ["首先，設專區。", "其次，設終端。"]
    assert case.outcomes is not None and case.outcomes.of(text) == "成效。\n展望。"


def test_measures_in_paragraphs_of_their_own():
    text = "案例名称：甲\n报送单位：乙\n背景。\n一是做甲。说明甲。\n再说甲。\n二是做乙。说明乙。\n成效。"
    found = find_cases(text)
    assert found is not None
    case = read_case(text, found[0])
    assert [m.span.of(text) for m in case.measures] == ["一是做甲。说明甲。\n再说甲。", "二是做乙。说明乙。"]
    assert case.background is not None and case.background.of(text) == "背景。"
    assert case.outcomes is not None and case.outcomes.of(text) == "成效。"


def test_an_enumeration_inside_one_sentence_is_no_run_of_measures():
    text = "案例名称：甲\n报送单位：乙\n有三难：一是贵，二是慢，三是远。\n成效。"
    found = find_cases(text)
    assert found is not None
    case = read_case(text, found[0])
    assert case.measures == ()
    assert case.background is not None and case.background.of(text) == "有三难：一是贵，二是慢，三是远。"


def test_a_header_without_a_body_is_still_a_case():
    text = "案例一\n案例名称：甲\n报送单位：乙"
    found = find_cases(text)
    assert found is not None
    case = read_case(text, found[0])
    assert case.background is None and case.outcomes is None and case.measures == ()
