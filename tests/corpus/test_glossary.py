"""The glossary: the shipped file in order, a user's own before it, terms found by their longest form."""

from collections import Counter

import pytest

from baycase.corpus.folding import convert_script
from baycase.corpus.glossary import Glossary, Term, load_glossary, read_glossary
from baycase.corpus.terms import english_words
from baycase.errors import UsageError


def term(zh: str, en: str, hant: str = "", domain: str = "customs") -> Term:
    return Term(tuple(zh.split("|")), tuple(hant.split("|")) if hant else (), tuple(en.split("|")), domain, "")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes a user's glossary and loads with it."""

    def load(text: str, encoding: str = "utf-8") -> Glossary:
        path = tmp_path / "own.tsv"
        path.write_bytes(text.encode(encoding))
        monkeypatch.setenv("BAYCASE_GLOSSARY", str(path))
        load_glossary.cache_clear()
        return load_glossary()

    yield load
    load_glossary.cache_clear()


def english_of(glossary: Glossary, text: str) -> list[str]:
    return [found.en[0] for _, found in glossary.in_chinese(text)]


def chinese_of(glossary: Glossary, text: str) -> list[str]:
    return [found.zh[0] for found in glossary.in_english(text)]


def test_the_shipped_file_covers_the_domains_without_repeating_itself():
    terms = load_glossary().terms
    assert len(terms) >= 400
    domains = Counter(each.domain for each in terms)
    assert len(domains) >= 12 and all(domains) and min(domains.values()) >= 15
    forms = Counter(form for each in terms for form in each.zh)
    assert [form for form, count in forms.items() if count > 1] == []


def test_simplified_forms_are_simplified():
    terms = load_glossary().terms
    assert [form for each in terms for form in each.zh if convert_script(form, "t2s") != form] == []


def test_every_english_form_of_the_shipped_file_finds_its_term():
    """But for those made of grammatical words only, such as "as of"."""
    glossary = load_glossary()
    forms = [(form, each) for each in glossary.terms for form in each.en if english_words(form)]
    assert [form for form, each in forms if each not in glossary.in_english(form)] == []


def test_the_longest_form_wins_and_nothing_inside_it_is_found():
    glossary = Glossary(
        [term("大桥", "bridge"), term("港珠澳大桥", "Hong Kong-Zhuhai-Macao Bridge"), term("口岸", "port")]
    )
    text = "港珠澳大桥口岸，大桥"
    assert english_of(glossary, text) == ["Hong Kong-Zhuhai-Macao Bridge", "port", "bridge"]
    assert [span.of(text) for span, _ in glossary.in_chinese(text)] == ["港珠澳大桥", "口岸", "大桥"]
    assert chinese_of(glossary, "the Hong Kong-Zhuhai-Macao Bridge and another bridge") == ["港珠澳大桥", "大桥"]


def test_spans_are_of_the_text_as_written():
    glossary = Glossary([term("应用程序", "application"), term("APP", "app")])
    text = "用ＡＰＰ與應用程序㎏應用程序"
    assert [span.of(text) for span, _ in glossary.in_chinese(text)] == ["ＡＰＰ", "應用程序", "應用程序"]


def test_either_script_finds_a_term():
    glossary = Glossary([term("私家车", "private car", hant="揸私家車")])
    for text in ("私家车", "私家車", "揸私家車", "揸私家车"):
        assert english_of(glossary, text) == ["private car"]


def test_what_is_simplified_goes_before_what_hong_kong_means_by_the_same_signs():
    glossary = Glossary([term("数据", "data", hant="資料"), term("资料", "information")])
    assert english_of(glossary, "资料") == ["information"]


def test_english_terms_match_in_the_singular_and_the_plural_in_any_case():
    glossary = Glossary([term("车辆", "vehicle"), term("临时入境", "temporary entry")])
    assert chinese_of(glossary, "VEHICLES in Temporary Entries") == ["车辆", "临时入境"]


def test_an_abbreviation_matches_in_capitals_only():
    glossary = Glossary([term("运输署", "Transport Department|TD"), term("强积金", "MPF")])
    assert chinese_of(glossary, "Has TD approved MPF?") == ["运输署", "强积金"]
    assert chinese_of(glossary, "has td approved mpf?") == []


def test_english_names_of_two_terms_find_both():
    glossary = Glossary([term("港车北上", "northbound travel"), term("澳车北上", "northbound travel")])
    assert chinese_of(glossary, "northbound travel") == ["港车北上", "澳车北上"]


def test_a_users_own_terms_come_first(own):
    shipped = load_glossary().terms
    glossary = own(
        "# ours\nzh\thant\ten\tdomain\tnote\n口岸\t\tgateway\tcustoms\t\n湾区饭堂\t灣區飯堂\tBay Area canteen\t\t\n"
    )
    assert len(glossary.terms) == len(shipped) + 2
    assert english_of(glossary, "湾区饭堂在口岸") == ["Bay Area canteen", "gateway"]
    assert chinese_of(glossary, "the Bay Area canteen") == ["湾区饭堂"]


def test_a_users_file_from_a_spreadsheet_has_a_byte_order_mark(own):
    glossary = own("zh\thant\ten\tdomain\tnote\r\n湾区饭堂\t\tBay Area canteen\r\n", "utf-8-sig")
    assert glossary.terms[0] == Term(("湾区饭堂",), (), ("Bay Area canteen",), "", "")


def test_a_bad_line_names_its_number(own):
    with pytest.raises(UsageError, match="line 3: expected the columns zh"):
        own("zh\thant\ten\n口岸\t\tport\n海关\tcustoms\n")
    with pytest.raises(UsageError, match="line 1"):
        read_glossary("\t\tport\n", "mine.tsv")


def test_a_users_file_that_cannot_be_read_is_named(own, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="not UTF-8"):
        own("口岸\t\tport\n", "gb18030")
    monkeypatch.setenv("BAYCASE_GLOSSARY", str(tmp_path / "none.tsv"))
    load_glossary.cache_clear()
    with pytest.raises(UsageError, match=r"none\.tsv, named by BAYCASE_GLOSSARY"):
        load_glossary()


def test_variants_and_comments_of_a_file():
    (found,) = read_glossary(
        "# note\n\n单牌车 | 单牌\t單牌車\tsingle-plate vehicle | single plate\ttransport\twhy\n", "x"
    )
    assert found == Term(("单牌车", "单牌"), ("單牌車",), ("single-plate vehicle", "single plate"), "transport", "why")
