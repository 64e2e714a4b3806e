"""Groups out of a small SQuAD-form file: what is right in them, and in which ways the rest is wrong."""

import random

import pytest

from baycase.training.changing import change_number, change_word
from baycase.training.reading import LONGEST, SHORTEST, Material, bare, kind_of, sentences
from baycase.training.squad import load
from tests.training.bridges import BRIDGES, bridge, write


@pytest.fixture(scope="module")
def material(tmp_path_factory) -> Material:
    folder = tmp_path_factory.mktemp("squad")
    write(folder / "bridges.json", [bridge(number) for number in range(len(BRIDGES))])
    return load(folder)


def test_the_first_window_holds_the_answer_where_it_says_and_no_other_holds_it(material):
    rng = random.Random(1)
    for number, question in enumerate(material.questions):
        for _ in range(20):
            group = material.group(number, rng, 3, True)
            first, *wrong = group.windows
            assert first.answer is not None
            assert first.text[slice(*first.answer)] == question.answer
            assert len(wrong) == 3
            for window in wrong:
                assert window.answer is None
                assert bare(question.answer) not in bare(window.text)


def test_a_wrong_date_is_offered_for_a_date(material):
    rng = random.Random(2)
    for number, question in enumerate(material.questions):
        if question.kind != "date":
            continue
        drawn = [window for _ in range(20) if (window := material.same_kind(number, rng))]
        assert drawn
        for window in drawn:
            assert question.answer not in window.text
            assert any(f"{1951 + 7 * other}年3月" in window.text for other in range(len(BRIDGES)))


def test_each_kind_of_wrong_window_comes_from_where_it_should(material):
    rng = random.Random(3)
    for number, question in enumerate(material.questions):
        own = material.paragraphs[question.paragraph].text
        for _ in range(10):
            same, near, kind = (
                draw(number, rng) for draw in (material.same_paragraph, material.nearest, material.same_kind)
            )
            assert same and same.text in own
            assert near and near.text not in own
            assert kind is None or kind.text not in own


def test_an_unanswered_group_marks_no_answer(material):
    rng = random.Random(4)
    changed = 0
    for _ in range(15):
        for number, question in enumerate(material.questions):
            group = material.group(number, rng, 3, False)
            assert not group.answered
            assert all(window.answer is None for window in group.windows)
            holding = [window for window in group.windows if question.answer in window.text]
            # The passage that answered stays only under a question that has been changed.
            assert (group.text != question.text) == bool(holding)
            changed += bool(holding)
    assert changed > 20


def test_windows_are_whole_sentences_of_bounded_length(material):
    rng = random.Random(5)
    lengths = []
    for number, paragraph in enumerate(material.paragraphs):
        starts, ends = ({span[side] for span in paragraph.sentences} for side in (0, 1))
        longest = max(end - start for start, end in paragraph.sentences)
        for sentence in paragraph.sentences:
            for _ in range(20):
                start, end = material.window(number, sentence, rng)
                assert start in starts
                assert end in ends
                assert start <= sentence[0] < sentence[1] <= end
                assert end - start <= max(LONGEST, longest)
                lengths.append(end - start)
    assert len({length // SHORTEST for length in lengths}) >= 3  # of many lengths, not of one


def test_sentences_leave_nothing_but_white_space_out():
    text = "一是简化程序。\n\n二是“先认后查”；三是共享数据！ 完"
    spans = sentences(text, "zh")
    assert bare("".join(text[a:b] for a, b in spans)) == bare(text)
    assert [text[a:b].strip() for a, b in spans] == ["一是简化程序。", "二是“先认后查”；", "三是共享数据！", "完"]


def test_questions_of_one_article_stay_together(material):
    held = material.held_out(0.4, 7)
    train, aside = material.split(held)
    asked = [{question.identity for question in side.questions} for side in (train, aside)]
    assert asked[0] | asked[1] == {question.identity for question in material.questions}
    articles = [{side.paragraphs[q.paragraph].article for q in side.questions} for side in (train, aside)]
    assert articles[1] == held and len(held) == 2
    assert not articles[0] & articles[1]
    for side in (train, aside):  # neighbours are still the question's own
        for number, question in enumerate(side.questions):
            drawn = side.nearest(number, random.Random(4))
            assert drawn is None or drawn.text not in side.paragraphs[question.paragraph].text


def test_without_types_every_wrong_window_is_of_a_near_paragraph(material):
    for number, question in enumerate(material.questions):
        group = material.group(number, random.Random(6), 3, True, typed=False)
        assert all(w.text not in material.paragraphs[question.paragraph].text for w in group.windows[1:])


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [
        ("大桥何時通車？", "去年春天", "date"),
        ("大桥有几条车道？", "四条", "count"),
        ("谁设计了大桥？", "林启文", "person"),
        ("Why was it built?", "交通不便", "reason"),
        ("大桥的通车日期", "1951年3月", "date"),
        ("大桥叫什么名字？", "青山", "other"),
    ],
)
def test_the_question_decides_what_is_asked_before_the_answer_does(question, answer, kind):
    assert kind_of(question, answer) == kind


def test_a_changed_number_is_another_number():
    rng = random.Random(6)
    for _ in range(30):
        changed = change_number("截至2023年共有多少辆车？", rng)
        assert changed is not None
        assert changed != "截至2023年共有多少辆车？"
        assert changed.startswith("截至") and changed.endswith("年共有多少辆车？")
    assert change_number("共有多少辆车？", rng) is None


def test_a_changed_word_stands_in_the_window_no_more():
    window = "医院的医生可以跨境执业。"
    changed = change_word("医生怎样跨境执业？", window, ["律师怎样跨境执业？"], random.Random(8))
    assert changed == "律师怎样跨境执业？"
    assert change_word("医生怎样跨境执业？", window, ["医生在哪里登记？"], random.Random(8)) is None
