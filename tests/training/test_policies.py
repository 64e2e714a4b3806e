"""Policy notes: read, and made into questions with a sentence that answers and one that only seems to."""

import random
from pathlib import Path

import pytest

from baycase.training.policies import NOTES, held_out, note_material, read_notes

SHEET = """P | cd-loan | zh-Hans
S | 成都推行“安心贷” | Chengdu Introduces the Safe Loan
S | 报送单位：成都市改革办。 | Reporting unit: Chengdu Reform Office.
S | 一是设立五亿元的资金池。 | First, a pool of RMB 500 million is set up.
S | 二是贷款最长可分十年偿还。 | Second, loans may be repaid over up to ten years.
Q-hans | 4 | 十年 | ten years | 借的钱多久还清？
Q-en | 3 | 五亿元 | RMB 500 million | How big is the Chengdu pool?
M | 4 | 二是贷款按季度偿还，可提前还清。 | Second, loans are repaid quarterly and may be paid off early.
N-hant | 3 | 個資金池由邊個出錢？
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text(SHEET, "utf-8")
    return path


def test_questions_stand_with_their_answers_in_both_languages(sheet):
    material = note_material(read_notes(sheet))
    texts = [paragraph.text for paragraph in material.paragraphs]
    assert texts[0] == (
        "成都推行“安心贷”\n报送单位：成都市改革办。\n一是设立五亿元的资金池。二是贷款最长可分十年偿还。"
    )
    assert texts[1] == texts[0].replace("二是贷款最长可分十年偿还。", "二是贷款按季度偿还，可提前还清。")
    assert [material.paragraphs[n].language for n in (0, 1, 2, 3)] == ["zh", "zh", "en", "en"]
    asked = [
        (q.language, material.paragraphs[q.paragraph].text[q.start :][: len(q.answer)]) for q in material.questions
    ]
    assert asked == [("zh", "十年"), ("en", "五亿元"), ("en", "RMB 500 million")]


def test_what_a_muted_sentence_was_asked_is_near_to_it(sheet):
    material = note_material(read_notes(sheet))
    near = [(q.text, material.paragraphs[q.paragraph].text[q.start :][:4]) for q in material.near]
    assert near == [("個資金池由邊個出錢？", "一是设立"), ("借的钱多久还清？", "二是贷款")]
    group = material.near_group(1, random.Random(0), 2)
    assert not group.answered and "按季度" in group.windows[0].text


def test_a_muted_sentence_may_be_a_wrong_window_and_one_with_the_answer_never(sheet):
    material = note_material(read_notes(sheet))
    windows = [
        window.text for seed in range(30) for window in material.group(0, random.Random(seed), 2, True).windows[1:]
    ]
    assert any("按季度" in text for text in windows) and not any("十年" in text for text in windows)


def test_joined_material_draws_from_both(sheet):
    one = note_material(read_notes(sheet))
    both = one.joined(note_material(read_notes(sheet)))
    assert len(both.questions) == 2 * len(one.questions) and len(both.near) == 2 * len(one.near)
    last = both.questions[-1]
    assert both.paragraphs[last.paragraph].text[last.start :].startswith(last.answer)


@pytest.mark.parametrize(
    "line", ["Q-hans | 9 | 十年 | ten years | 问", "X | 1", "S | 句", "Q-fr | 1 | 成都 | Chengdu | ?"]
)
def test_a_line_that_is_no_item_is_named(sheet, line):
    sheet.write_text(SHEET + line, "utf-8")
    with pytest.raises(ValueError, match="line 10"):
        read_notes(sheet)


def test_every_answer_of_the_notes_stands_in_its_sentence():
    notes = read_notes()
    assert len(notes) > 100 and len({note.name for note in notes}) == len(notes)
    for note in notes:
        assert note.subset in ("zh-Hans", "zh-Hant")
        for asked in note.asked:
            for language, words in asked.answers.items():
                sentence = note.sentences[asked.sentence][language].lower()
                assert "".join(words.lower().split()) in "".join(sentence.split()), (note.name, asked)
    texts = [asked.text for note in notes for asked in (*note.asked, *note.near)]
    assert len(set(texts)) >= 0.99 * len(texts)
    assert 0 < len(held_out(notes)) < len(notes) / 4


def test_the_notes_are_named_beside_the_questions():
    assert NOTES.name in (NOTES.parent / "README.md").read_text("utf-8")
