"""Reading SQuAD-form files, and what is asked beside them."""

import random

from baycase.training.squad import load, placed
from tests.training.bridges import bridge, write


def test_an_answer_is_found_near_a_wrong_offset_or_its_row_is_dropped(tmp_path):
    text = "甲城有桥三座。乙城有桥五座，丙城有桥三座。"
    answers = [("三座", 4), ("三座", 16), ("九座", 4)]
    rows = [
        {"id": str(place), "question": "有几座桥？", "answers": [{"text": words, "answer_start": start}]}
        for place, (words, start) in enumerate(answers)
    ]
    write(tmp_path / "wrong.json", [(text, rows)])
    found = load(tmp_path).questions
    assert [(q.identity, q.start) for q in found] == [("0", 4), ("1", 18)]
    assert placed(text, "三座", 4) == 4


def test_questions_written_beside_the_files_are_asked_too(tmp_path):
    chinese, rows = bridge(0)
    write(tmp_path / "bridges.json", [(chinese, rows)])
    written = tmp_path / "written.tsv"
    lines = [
        (rows[0]["id"], "en", "When was the bridge opened?"),
        (rows[1]["id"], "near", "谁出钱建了青山大桥？"),
        (rows[1]["id"], "near-en", "Who paid for the bridge?"),
        (rows[1]["id"], "ask", "轮船撞到桥怎么办？", "加装了钢制围栏"),
        (rows[1]["id"], "ask-en", "How did people cross before?", "只能靠渡船往来"),
        (rows[1]["id"], "ask", "桥有多高？", "三十米"),
        ("unknown", "en", "Who?"),
    ]
    written.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
    material = load(tmp_path, written)
    added = [(q.text, q.answer, q.language) for q in material.questions[2:]]
    assert added == [
        ("When was the bridge opened?", "1951年3月", "en"),
        ("轮船撞到桥怎么办？", "加装了钢制围栏", "zh"),
        ("How did people cross before?", "只能靠渡船往来", "en"),
    ]
    assert [material.crosses(number) for number in (2, 3, 4)] == [True, False, True]
    for question in material.questions:
        assert chinese[question.start : question.start + len(question.answer)] == question.answer
    assert [(q.text, q.language) for q in material.near] == [
        ("谁出钱建了青山大桥？", "zh"), ("Who paid for the bridge?", "en")]  # fmt: skip
    for draw in range(20):
        group = material.near_group(draw % 2, random.Random(draw), 3)
        assert not group.answered
        assert 1 <= len(group.windows) <= 3
        assert len({window.text for window in group.windows}) == len(group.windows)
        assert "林启文" in group.windows[0].text  # where the paragraph comes nearest
        assert all(window.answer is None and window.text in chinese for window in group.windows)


def test_an_english_twin_is_asked_of_the_chinese_paragraph_too(tmp_path):
    chinese, rows = bridge(0)
    write(tmp_path / "xquad-zh.json", [(chinese, rows[:1])])
    english = "The Qingshan bridge opened in March 1951. It spans the northern river."
    answer = {"text": "March 1951", "answer_start": english.index("March")}
    write(
        tmp_path / "xquad-en.json",
        [(english, [{"id": rows[0]["id"], "question": "When did it open?", "answers": [answer]}])],
    )
    material = load(tmp_path)
    crossing = [q for n, q in enumerate(material.questions) if material.crosses(n)]
    assert [(q.text, q.answer, q.language) for q in crossing] == [("When did it open?", "1951年3月", "en")]
