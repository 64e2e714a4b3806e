"""Questions in other words: glosses, scripts, colloquial asking words; windows in one script keep their answers."""

import random
import re

import pytest

from baycase.training.reading import Window
from baycase.training.rewriting import Rewriter

HAN = re.compile(r"[\u3400-\u9fff]")
QUESTION = "香港的医生什么时候可以在深圳的医院工作？"


@pytest.fixture(scope="module")
def rewriter() -> Rewriter:
    return Rewriter()


def test_at_a_rate_of_one_a_question_reads_as_english_words(rewriter):
    for seed in range(10):
        switched = rewriter.code_switch(QUESTION, 1.0, random.Random(seed))
        assert len(HAN.findall(switched)) <= 2
        for word in ("hong kong", "doctor", "shenzhen", "hospital"):
            assert word in switched.lower()


def test_the_asking_word_moves_to_the_front_half_the_time(rewriter):
    asked = [rewriter.code_switch("这座大桥是谁设计的？", 1.0, random.Random(seed)) for seed in range(40)]
    assert all("who" in text.lower() for text in asked)
    assert 10 <= sum(text.startswith("Who ") for text in asked) <= 30


def test_at_a_rate_of_nought_nothing_changes(rewriter):
    assert rewriter.code_switch(QUESTION, 0.0, random.Random(0)) == QUESTION


def test_between_the_two_some_words_stay_and_some_are_glossed(rewriter):
    mixed = [rewriter.code_switch(QUESTION, 0.5, random.Random(seed)) for seed in range(20)]
    assert sum(bool(HAN.search(text)) and bool(re.search("[a-z]{3}", text)) for text in mixed) > 15


def test_words_that_stay_keep_their_script(rewriter):
    question = "香港的醫生什麼時候可以在醫院工作？"
    for seed in range(20):
        left = HAN.findall(rewriter.code_switch(question, 0.5, random.Random(seed)))
        assert set(left) <= set(question)
    assert "doctor" in rewriter.code_switch(question, 1.0, random.Random(0)).lower()


def test_names_become_their_sounds(rewriter):
    assert rewriter.pinyin("林启文") == "Linqiwen"


def test_the_other_script_is_of_the_same_length(rewriter):
    found = {rewriter.other_script("医生跨境执业", random.Random(seed)) for seed in range(10)}
    assert found == {"医生跨境执业", "醫生跨境執業"}


def test_windows_turn_to_one_script_and_their_answers_stay_in_place(rewriter):
    windows = (Window("大桥于1951年通车。", (3, 8)), Window("大橋由林啟文設計。"))
    seen = set()
    for seed in range(10):
        first, second = rewriter.windows(windows, random.Random(seed))
        assert first.answer == (3, 8) and second.answer is None
        assert first.text[3:8] == "1951年"
        seen.add((first.text[1], second.text[1]))
    assert seen == {("桥", "桥"), ("橋", "橋")}


def test_cantonese_asks_in_its_own_words(rewriter):
    asked = rewriter.colloquial("谁在什么时候去哪里？", random.Random(3))
    assert re.fullmatch("(邊個|边个)在(幾時|几时)去(邊度|边度)？", asked)


def test_the_training_rates(rewriter):
    rng = random.Random(9)
    asked = [rewriter.question(QUESTION, "zh", rng) for _ in range(400)]
    glossed = sum(bool(re.search("[a-z]{3}", text)) for text in asked) / len(asked)
    assert 0.3 < glossed < 0.5
    assert {rewriter.question("When does it open?", "en", rng) for _ in range(40)} == {
        "When does it open?",
        "When does it open",
    }
