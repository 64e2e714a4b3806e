"""SQuAD-form files, and the questions written about their paragraphs, become material to train on.

Which file it is tells articles and languages apart. It knows neither windows nor groups.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from baycase.training.reading import Material, Paragraph, Question, bare, kind_of, sentences


def placed(text: str, answer: str, start: int) -> int | None:
    """Where the answer stands: at its offset, else at its occurrence nearest to it, else None."""
    if text[start : start + len(answer)] == answer:
        return start
    spots = [match.start() for match in re.finditer(re.escape(answer), text)]
    return min(spots, key=lambda spot: abs(spot - start)) if spots else None


def _squad(path: Path) -> Iterator[tuple[str, list[dict]]]:
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            yield paragraph["context"], paragraph["qas"]


def load(folder: Path, written: Path | None = None) -> Material:
    """Every SQuAD-form file of the folder; English questions are asked of Chinese paragraphs too where ids match.

    `written` adds to them. Its rows are a question's id, a kind and a text: "en" is that question in English; "ask"
    another question about its paragraph, with its answer as a fourth field; "near" one that the paragraph does not
    answer; "ask-en" and "near-en" the same in English. Rows whose answer does not occur in the paragraph are dropped.
    """
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    chinese: dict[str, Question] = {}
    english: list[Question] = []
    for path in sorted(folder.glob("*.json")):
        language = "en" if path.stem.endswith("-en") else "zh"
        for place, (text, rows) in enumerate(_squad(path)):
            number = len(paragraphs)
            first = str(rows[0]["id"]) if rows else str(place)
            if path.stem.startswith("drcd"):
                article = "drcd-" + first.split("-")[0]
            elif path.stem.startswith("xquad"):
                article = f"xquad-{place // 5}"  # paragraphs of an article follow each other
            else:
                article = f"{path.stem}-{place}"
            paragraphs.append(Paragraph(text, article, language, sentences(text, language)))
            for row in rows:
                answer = row["answers"][0]["text"].strip()
                start = placed(text, answer, row["answers"][0]["answer_start"]) if answer else None
                if start is None:
                    continue
                asked = row["question"].strip()
                kind = kind_of(asked, answer)
                forbidden = tuple({bare(other["text"]) for other in row["answers"]} - {""})
                question = Question(str(row["id"]), asked, answer, start, number, language, kind, asked, forbidden)
                questions.append(question)
                if path.stem == "xquad-zh":
                    chinese[question.identity] = question
                elif path.stem == "xquad-en":
                    english.append(question)
    for question in english:
        twin = chinese.get(question.identity)
        if twin is not None:
            questions.append(replace(twin, text=question.text, language="en"))
    near = []
    known = {question.identity: question for question in questions if question.language == "zh"}
    for identity, kind, text, *answers in _rows(written) if written else ():
        asked = known.get(identity)
        if asked is None:
            continue
        kind, _, language = kind.partition("-")
        if kind == "en":
            questions.append(replace(asked, text=text, language="en"))
            continue
        other = replace(asked, text=text, language=language or asked.language)
        if kind == "near":
            near.append(replace(other, answer="", kind="other", key=text, forbidden=()))
        elif (start := placed(paragraphs[asked.paragraph].text, answers[0], asked.start)) is not None:
            key = answers[0] if language else text
            forbidden = (bare(answers[0]),)
            kind = kind_of(text, answers[0])
            questions.append(replace(other, answer=answers[0], start=start, kind=kind, key=key, forbidden=forbidden))
    return Material(paragraphs, questions, near)


def _rows(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield line.split("\t")
