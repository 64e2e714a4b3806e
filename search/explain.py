"""Why this hit: what every leg said of it, in words and figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from baycase.corpus.language import Language
from baycase.search.results import Leg

# Leg → its name in simplified Chinese, traditional Chinese and English. Legs that are not here are not explained.
_NAMES: dict[str, tuple[str, str, str]] = {
    "relevance": ("阅读：此段能否回答", "閱讀：此段能否回答", "reading: does the passage answer"),
    "span": ("阅读：答案词句", "閱讀：答案字句", "reading: words that answer"),
    "alone": ("单句再读的增减：能否回答", "單句再讀的增減：能否回答", "read alone, change: does it answer"),
    "alone_span": ("单句再读的增减：答案词句", "單句再讀的增減：答案字句", "read alone, change: words that answer"),
    "dense": ("段落含义相近", "段落意思相近", "meaning of the passage"),
    "sentence": ("最佳句含义相近", "最佳句意思相近", "meaning of its best sentence"),
    "terms": ("词语相同（BM25）", "詞語相同（BM25）", "words in common (BM25)"),
    "cover": ("问题词语覆盖", "問題詞語覆蓋", "share of the question's words"),
    "bigrams": ("相邻两字覆盖", "相鄰兩字覆蓋", "share of its character pairs"),
    "bridge": ("术语表对应词", "詞彙表對應詞", "glossary terms"),
    "gloss": ("词典释义（BM25）", "詞典釋義（BM25）", "dictionary glosses (BM25)"),
    "gloss_cover": ("词典释义覆盖", "詞典釋義覆蓋", "share of its words among the glosses"),
    "rendered_dense": ("译文含义相近", "譯文意思相近", "meaning of the translation"),
    "rendered_sentence": ("最佳句译文含义相近", "最佳句譯文意思相近", "meaning of the best sentence's translation"),
    "rendered_terms": ("译文词语相同（BM25）", "譯文詞語相同（BM25）", "words in common with the translation (BM25)"),
    "rendered_cover": ("译文词语覆盖", "譯文詞語覆蓋", "share of its words in the translation"),
    "sentence_terms": ("句子：相同词语", "句子：相同詞語", "sentence: words in common"),
    "sentence_cover": ("句子：词语覆盖", "句子：詞語覆蓋", "sentence: share of the question's words"),
    "sentence_bridge": ("句子：双语词典", "句子：雙語詞典", "sentence: bilingual dictionary"),
    "figure": ("含所问数字", "含所問數字", "has a figure, as asked"),
    "date": ("含所问日期", "含所問日期", "has a date, as asked"),
    "reranker": ("重排模型", "重排模型", "reranker"),
}
_COLUMN: dict[str, int] = {"zh-Hans": 0, "zh-Hant": 1, "en": 2}


@dataclass(frozen=True, slots=True)
class Reason:
    """What one leg said: its name in the reader's language, its score there, its rank among the candidates."""

    leg: str
    name: str
    score: float
    rank: int


def leg_name(leg: str, language: Language | str) -> str:
    """A leg's name in the reader's language; its own name where it has none."""
    names = _NAMES.get(leg)
    return names[_COLUMN.get(language, 2)] if names else leg


def reasons(legs: Mapping[str, Leg], language: Language | str) -> list[Reason]:
    """The legs that found something, readings first, then in the order of the table."""
    return [
        Reason(leg, leg_name(leg, language), legs[leg].score, legs[leg].rank)
        for leg in _NAMES
        if leg in legs and legs[leg].score != 0
    ]
