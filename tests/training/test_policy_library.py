"""Held-out notes as libraries: what they say is found there, and what is muted is not said."""

from baycase.index.encoder import open_encoder
from baycase.training.policies import held_out, read_notes
from baycase.training.policy_library import near_questions, note_library, questions_about, silenced_questions


def test_notes_answer_what_is_asked_of_them_unless_muted(tmp_path):
    notes, encoder = held_out(read_notes())[:2], open_encoder()
    whole = note_library(tmp_path / "whole", notes, encoder)
    muted = note_library(tmp_path / "muted", notes, encoder, muted=True)
    about = questions_about(notes, whole)
    texts = {document.doc_id: document.text for document in whole.documents()}
    assert {q.subset for q in about} == {"zh-Hans", "zh-Hant", "en"}
    for question in about:
        (evidence,) = question.evidence
        assert texts[evidence.doc_id][evidence.start : evidence.end] == evidence.quote
        assert question.relevant == {evidence.doc_id: 2}
    silenced = silenced_questions(notes)
    asked = {question.id: question for question in about}
    muted_texts = {document.doc_id: document.text for document in muted.documents()}
    assert silenced and all(not question.relevant for question in [*silenced, *near_questions(notes)])
    for question in silenced:
        (evidence,) = asked[question.id].evidence
        assert evidence.quote not in muted_texts[evidence.doc_id]
    assert whole.generation.manifest["vectors"] and len(whole.generation.sentences) == len(muted.generation.sentences)
    (found,) = whole.search(about[0].text).hits[:1]
    assert found.doc_id in texts
