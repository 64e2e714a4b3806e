"""Windows, answers within sentences, and scores anew; the network's own numbers made by hand."""

import numpy as np
import pytest

from baycase.corpus.records import Span
from baycase.index.models import default_model_path
from baycase.index.tokenizer import UnigramTokenizer
from baycase.search.candidates import find_candidates
from baycase.search.query import understand
from baycase.search.reader_model import Reading, open_reader
from baycase.search.reading import (
    ALONE,
    UNREAD_SPAN,
    WINDOW,
    best_answer,
    load_weights,
    read_candidates,
    rescore,
    windows_of,
)
from baycase.search.retrieve import sentence_rendering, sentence_span
from baycase.search.scorer import score

TEXT = "发行金额10亿元，期限3年。"


def _reading(starts: list[float], ends: list[float]) -> Reading:
    offsets = np.array([(0, 4), (4, 8), (8, 9), (9, 11), (11, 13), (13, 14)])
    return Reading(1.0, np.array(starts), np.array(ends), offsets)


def test_the_best_answer_starts_before_it_ends():
    reading = _reading([0, 5, 0, 0, 9, 0], [0, 6, 0, 4, 0, 0])
    # start 4 (9) could only end at 4 or 5: 9 + 0; start 1 with end 1: 5 + 6 = 11
    strength, span = best_answer(reading, Span(0, 14), TEXT)
    assert strength == pytest.approx(11)
    assert span == Span(4, 8)
    assert span.of(TEXT) == "10亿元"


def test_only_words_of_the_sentence_count():
    strength, span = best_answer(_reading([9, 0, 0, 1, 2, 0], [9, 0, 0, 1, 3, 0]), Span(9, 14), TEXT)
    assert strength == pytest.approx(5)
    assert span == Span(11, 13)


def test_a_sentence_beyond_what_was_read_has_no_answer():
    assert best_answer(_reading([0] * 6, [0] * 6), Span(14, 20), TEXT) == (UNREAD_SPAN, None)


def test_pieces_lead_back_to_the_text():
    tokenizer = UnigramTokenizer(default_model_path())
    for text in ("截至２０２３年底，累计 11.1 万多个。", "㎏ and ﬁsh 混排", "WeChat（境外版微信）"):
        numbers, offsets = tokenizer.pieces(text)
        assert len(numbers) == len(offsets)
        assert [1 for a, b in offsets if a > b] == []
        assert offsets[-1][1] == len(text)
        assert [tokenizer._begin, *numbers, tokenizer._end] == tokenizer.encode(text)


def _scored(library, text):
    query = understand(text)
    vector = library.encoder.encode_queries([text])[0]
    return query, score(find_candidates(query, vector, library.generation), query.language)


def test_windows_are_whole_sentences_of_one_passage(library):
    _, scored = _scored(library, "横琴口岸怎么查验？")
    windows = windows_of(scored, library.generation)
    assert windows
    for window in windows:
        owners = {int(scored.candidates.owner[number]) for number in window.numbers}
        assert owners == {window.passage}
        assert len(window.numbers) == 1 or window.spans[-1].end - window.spans[0].start <= WINDOW


def test_reading_puts_the_read_first_and_keeps_the_order_of_the_rest(library):
    query, scored = _scored(library, "澳门绿色债券的票面利率是多少？")
    sentences = read_candidates(query, scored, library.generation, open_reader())
    again = rescore(query, scored, sentences)
    read = sorted({sentence.passage for sentence in sentences})
    unread = [n for n in range(len(scored.scores)) if n not in read]
    assert again.scores[read].min() > again.scores[unread].max()
    order = np.argsort(-scored.scores[unread], kind="stable")
    assert (np.diff(again.scores[unread][order]) <= 1e-6).all()


def test_reading_weights_exist_for_every_language():
    assert {"zh-Hans", "zh-Hant", "en", "en+rendered"} <= set(load_weights())


def test_the_likeliest_sentences_are_read_once_more_alone_for_an_english_question(library):
    query, scored = _scored(library, "How many kiosks are there in Hong Kong and Macao?")
    sentences = read_candidates(query, scored, library.generation, open_reader())
    again = [sentence for sentence in sentences if "alone" in sentence.features]
    assert 0 < len(again) <= ALONE
    weights = load_weights()["en+rendered" if scored.candidates.rendered else "en"]
    strengths = [sum(weights[n] * v for n, v in s.features.items() if "alone" not in n) for s in sentences]
    likeliest = {sentences[place].number for place in np.argsort(-np.array(strengths))[:ALONE]}
    for sentence in again:
        assert sentence.number in likeliest
        document = library.generation.document(
            int(library.generation.passages["document"][scored.candidates.passages[sentence.passage]])
        )
        row = int(scored.candidates.sentences[sentence.number])
        rendering = sentence_rendering(document, library.generation, row, "en")
        text = rendering.text if rendering else sentence_span(library.generation, row).of(document.text)
        (alone,) = open_reader().read(query.text, [text])
        assert sentence.features["relevance"] + sentence.features["alone"] == pytest.approx(alone.relevance, abs=0.02)


def test_no_sentence_is_read_alone_for_a_chinese_question(library):
    query, scored = _scored(library, "横琴口岸“一站式”查验怎么做？")
    sentences = read_candidates(query, scored, library.generation, open_reader())
    assert all("alone" not in sentence.features for sentence in sentences)
