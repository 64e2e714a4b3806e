"""The three questions over the sixteen cases, with the real model, library and reader."""

import pytest

from baycase.search.explain import reasons

QUESTIONS = [
    ("港车北上的保险在内地怎么认？", "01", "等效先认"),
    ("香港學生喺內地可以考DSE嗎？", "15", "HKDSE"),
    ("Which bond did Guangdong issue in Macao?", "08", "债券"),
    ("澳门绿色债券的发行金额是多少？", "08", "发行金额10亿元"),
    ("橫琴口岸架車點解排一次隊就得？", "09", "一次排队"),
    ("How many cars were cleared at Hengqin under the joint inspection by the end of 2023?", "09", "52.1万辆次"),
]


@pytest.mark.parametrize(("question", "case", "words"), QUESTIONS)
def test_the_right_case_and_an_exact_quote(library, question, case, words):
    result = library.ask(question)
    first = result.hits[0]
    assert first.doc_id.endswith(case)
    assert any(words in hit.sentence for hit in result.hits[:3])
    for hit in result.hits:
        text = library.document(hit.doc_id).text
        assert text[hit.start : hit.end] == hit.passage
        assert text[hit.sentence_start : hit.sentence_end] == hit.sentence
        if hit.answer_span:
            span = hit.answer_span
            assert text[span.start : span.end] == span.text
            assert hit.sentence_start <= span.start < span.end <= hit.sentence_end
    for citation in result.citations:
        assert library.document(citation.doc_id).text[citation.start : citation.end] == citation.quote


def test_the_first_hit_carries_its_answer_span_answered_or_not(library):
    assert library.ask("澳门绿色债券的票面利率是多少？").hits[0].answer_span.text == "2.55%"
    assert library.ask("酸面包怎么烤？").hits[0].answer_span is not None


@pytest.mark.parametrize("question", ["酸麵包點樣焗？", "How do I bake sourdough bread?", "光速是多少？"])
def test_what_the_cases_do_not_say_is_not_answered(library, question):
    result = library.ask(question)
    assert not result.answered
    assert result.answer is None
    assert result.citations == ()
    assert result.hits


def test_ask_and_search_rank_alike_when_both_read(library):
    question = "科研物资进口减免税审核要几天？"
    asked, searched = library.ask(question), library.search(question, read=True)
    assert [(h.doc_id, h.start, h.sentence_start) for h in asked.hits] == [
        (h.doc_id, h.start, h.sentence_start) for h in searched.hits
    ]


def test_search_reads_nothing_unless_told(library):
    assert all("relevance" not in hit.legs for hit in library.search("绿色债券").hits)


def test_an_english_reader_gets_the_rendering_and_a_chinese_one_does_not(library):
    hit = library.ask("How many private cars entered Guangdong?").hits[0]
    assert hit.rendering is not None
    assert hit.rendering.language == "en"
    assert hit.rendering.origin == "project"
    if hit.rendered_answer:
        span = hit.rendered_answer
        assert hit.rendering.text[span.start : span.end] == span.text
    assert library.ask("多少辆私家车入出广东？").hits[0].rendering is None


def test_reasons_are_in_the_readers_language(library):
    hit = library.search("绿色债券的期限").hits[0]
    assert "段落含义相近" in [reason.name for reason in reasons(hit.legs, "zh-Hans")]
    assert "meaning of the passage" in [reason.name for reason in reasons(hit.legs, "en")]
    assert "债券" in "".join(hit.matched)


def test_a_batch_answers_as_one_by_one(library):
    pairs = [(str(n), question) for n, (question, _, _) in enumerate(QUESTIONS)]
    together = list(library.ask_many(pairs))
    assert [r.query_id for r in together] == [i for i, _ in pairs]
    for (_, question), result in zip(pairs, together, strict=True):
        alone = library.ask(question)
        assert [h.doc_id for h in alone.hits[:3]] == [h.doc_id for h in result.hits[:3]]


def test_similar_cases_point_by_point(library):
    proposal = "拟在珠海试行港澳车辆网上申请入境。同时推动车险互认，减免担保。另设一百个公共游艇泊位供游客停靠使用。"
    result = library.similar(proposal)
    best = result.cases[0]
    assert best.doc_id.endswith("01")
    assert best.points[0].point == "拟在珠海试行港澳车辆网上申请入境"
    assert best.points[0].precedent is not None
    text = library.document(best.doc_id).text
    for point in best.points:
        assert proposal[point.start : point.end] == point.point
        if point.precedent:
            assert text[point.precedent.start : point.precedent.end] == point.precedent.quote
    assert [case.rank for case in result.cases] == list(range(1, len(result.cases) + 1))


def test_two_things_asked_may_take_two_sentences_of_one_document(library):
    result = library.ask("南沙的学校里港籍教师占多少，在读香港学生占比是多少？")
    assert 1 <= len(result.citations) <= 2 or not result.answered
    assert len({citation.doc_id for citation in result.citations}) <= 1
    if result.answered:
        assert result.answer == "\n".join(citation.quote for citation in result.citations)


def test_a_second_sentence_of_a_measure_comes_with_its_heading(library):
    hits = [hit for hit in library.search("学校教师团队中香港籍教师占比").hits if hit.section == "measure"]
    first = next(hit for hit in hits if "香港籍教师" in hit.sentence)
    assert first.context is not None
    text = library.document(first.doc_id).text
    assert text[first.context.start : first.context.end] == first.context.text == "二是引进国际化师资队伍。"
