"""What the sixteen cases are filtered by."""

import pytest

from baycase.corpus.reader import read_shipped
from baycase.index.generation import StoredDocument
from baycase.search.facets import Facets, facets, label, names, where


def _stored(document) -> StoredDocument:
    return StoredDocument(
        document.doc_id, document.title, document.text, document.source, document.collection, document.case,
        document.source_map, {},
    )  # fmt: skip


@pytest.fixture(scope="module")
def cases() -> dict[str, StoredDocument]:
    return {document.doc_id[-2:]: _stored(document) for document in read_shipped()}


@pytest.mark.parametrize(
    ("number", "units", "cities", "partner"),
    [
        ("01", ("省公安厅", "国家金融监督管理总局广东监管局"), (), "both"),
        ("03", ("省商务厅",), (), "mo"),
        ("06", ("省政务服务和数据管理局",), (), "hk"),
        ("08", ("中国人民银行广东省分行", "省财政厅"), (), "mo"),
        ("12", ("珠海市人民政府",), ("zhuhai", "hengqin"), "mo"),
        ("16", ("河套深港科技创新合作区深圳园区发展署",), ("shenzhen",), "hk"),
    ],
)
def test_units_cities_and_partner(cases, number, units, cities, partner):
    found = facets(cases[number])
    assert (found.units, found.cities, found.partner) == (units, cities, partner)


def test_sectors_as_the_province_sorts_them(cases):
    found = {number: facets(case) for number, case in cases.items()}
    assert "flows" in found["10"].sectors and "data" in found["16"].topics
    assert "livelihood" in found["15"].sectors and "education" in found["15"].topics
    assert "business" in found["07"].sectors and "law" in found["07"].topics
    assert {number for number, each in found.items() if "platforms" in each.sectors} == {"09", "12", "14", "15", "16"}
    assert all(each.sectors for each in found.values())


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"city": "shenzhen"}, {"11", "14", "16"}),
        ({"unit": "省政务服务和数据管理局"}, {"05", "06"}),
        ({"partner": "both", "sector": "education"}, {"15"}),
        ({"since": "2024"}, {"03", "13"}),
        ({"until": "2022"}, {"03"}),
        ({"city": "nowhere"}, set()),
    ],
)
def test_a_filter_keeps_what_it_names(cases, asked, numbers):
    fits = where(**asked)
    assert fits is not None
    assert {number for number, case in cases.items() if fits(case)} == numbers


def test_hong_kong_takes_what_is_about_both(cases):
    fits = where(partner="hk")
    assert fits is not None
    assert {facets(case).partner for case in cases.values() if fits(case)} == {"hk", "both"}


def test_nothing_asked_for_is_no_filter():
    assert where() is None
    assert where(since="soon", until="99999") is None


def test_a_document_without_a_case_has_facets_too(cases):
    bare = StoredDocument("x", "香港通讯", "深圳。", "x.txt", "", None, cases["01"].source_map, {})
    assert facets(bare) == Facets((), ("shenzhen",), (), (), "hk", ())


def test_every_name_has_a_label_in_each_language():
    for name in names():
        assert set(name.labels) == {"zh-Hans", "zh-Hant", "en"} and all(name.labels.values())
    assert label("hk", "en") == "Hong Kong" and label("unknown", "en") == "unknown"
