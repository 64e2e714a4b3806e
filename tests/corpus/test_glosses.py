"""Glosses of a Chinese text: official names and dictionary words, as English stems."""

from baycase.corpus.glosses import gloss_terms
from baycase.corpus.terms import english_terms


def test_a_glossary_term_gives_its_official_names():
    stems = gloss_terms("粤港澳大湾区的“一单两报”")
    for name in ("Guangdong-Hong Kong-Macao Greater Bay Area", "Single Submission for Dual Declaration"):
        assert set(english_terms(name)) <= set(stems)


def test_other_words_give_their_definitions_each_stem_once_a_word():
    stems = gloss_terms("蘑菇")
    assert "mushroom" in stems
    assert len(stems) == len(set(stems))
    assert gloss_terms("蘑菇蘑菇").count("mushroom") == 2


def test_latin_words_and_numbers_of_the_text_stay():
    assert {"alipayhk", "18"} <= set(gloss_terms("AlipayHK有18台终端"))


def test_both_scripts_give_the_same():
    assert sorted(gloss_terms("跨境車輛通關")) == sorted(gloss_terms("跨境车辆通关"))


def test_nothing_gives_nothing():
    assert gloss_terms("") == gloss_terms("，。") == []
