"""Results as a person reads them in a terminal: text in, text out, no decisions.

It knows the records of search and nothing of where they come from.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from baycase.search.explain import reasons
from baycase.search.results import AnswerSpan, AskResult, Hit, Leg, MatchedPoint, SearchResult, SimilarResult

if TYPE_CHECKING:  # printing a result needs nothing of the writer
    from baycase.index.build import Progress

_WORDS = {
    "zh-Hans": {"silent": "案例未提及。最接近的段落：", "none": "没有找到任何段落。", "case": "案例", "new": "未见先例",
                "sure": "把握", "unofficial": "非官方译文", "official": "官方译文"},
    "zh-Hant": {"silent": "案例未有提及。最接近的段落：", "none": "找不到任何段落。", "case": "案例", "new": "未見先例",
                "sure": "把握", "unofficial": "非官方譯文", "official": "官方譯文"},
    "en": {"silent": "The cases do not say. The nearest passages:", "none": "No passage was found.", "case": "Case",
           "new": "no precedent", "sure": "confidence", "unofficial": "unofficial translation",
           "official": "official translation"},
}  # fmt: skip


def bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


def search_text(result: SearchResult, explain: bool = False) -> str:
    words = _WORDS[result.language]
    if not result.hits:
        return words["none"]
    return "\n\n".join(_hit(hit, result.language, explain) for hit in result.hits)


def ask_text(result: AskResult, explain: bool = False) -> str:
    words = _WORDS[result.language]
    lines = []
    for citation in result.citations:
        lines.append(_marked(citation.quote, citation.answer_span, citation.start))
        if citation.rendering:
            lines.append(f"    {citation.rendering.text} [{_origin(citation.rendering.origin, words)}]")
        page = f", p. {citation.page}" if citation.page else ""
        lines.append(f"    {citation.title} [{citation.doc_id}:{citation.start}-{citation.end}{page}]  "
                     f"{words['sure']} {result.confidence:.0%}")  # fmt: skip
    if not result.answered:
        lines.append(bold(words["silent"]) if result.hits else words["none"])
    shown = result.hits if explain else result.hits[:3]
    lines += ["", *(_hit(hit, result.language, explain) + "\n" for hit in shown)]
    return "\n".join(lines).rstrip()


def similar_text(result: SimilarResult, explain: bool = False) -> str:
    words = _WORDS[result.language]
    blocks = []
    for case in result.cases:
        lines = [f"{case.rank}. {bold(case.title)}  {case.score:.3f}  [{case.doc_id}]"]
        for point in case.points:
            lines += _point(point, result.language, explain)
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) or words["none"]


def _point(point: MatchedPoint, language: str, explain: bool) -> list[str]:
    words, precedent = _WORDS[language], point.precedent
    lines = [f"   · {point.point}", f"     → {precedent.quote}" if precedent else f"     — {words['new']}"]
    if precedent and precedent.rendering:
        lines.append(f"       {precedent.rendering.text} [{_origin(precedent.rendering.origin, words)}]")
    if explain:
        legs = {name: Leg(score, 0) for name, score in point.legs.items()}
        lines += [f"       {reason.name}: {reason.score:.3f}" for reason in reasons(legs, language)]
    return lines


def _marked(quote: str, words: AnswerSpan | None, start: int) -> str:
    """The quote with the answering words in bold; on a terminal only."""
    if words is None:
        return quote
    return quote[: words.start - start] + bold(words.text) + quote[words.end - start :]


def _hit(hit: Hit, language: str, explain: bool) -> str:
    words = _WORDS[language]
    lines = [f"{hit.rank}. {bold(hit.title or hit.doc_id)}  {hit.section}  [{hit.doc_id}:{hit.start}-{hit.end}]",
             f"   {hit.sentence}"]  # fmt: skip
    if hit.rendering:
        lines.append(f"   {hit.rendering.text} [{_origin(hit.rendering.origin, words)}]")
    if explain:
        lines += [f"     {reason.name}: {reason.score:.3f} (#{reason.rank})" for reason in reasons(hit.legs, language)]
        if hit.matched:
            lines.append("     " + " · ".join(hit.matched))
    return "\n".join(lines)


def _origin(origin: str, words: dict[str, str]) -> str:
    return words["official"] if origin == "official" else words["unofficial"]


@contextmanager
def progress_bar(quiet: bool = False) -> Iterator["Progress"]:
    """A progress bar a stage on a terminal, nothing elsewhere."""
    from baycase.index.build import no_progress

    if quiet or not sys.stderr.isatty():
        yield no_progress
        return
    from tqdm import tqdm

    bars: dict[str, tqdm] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if total:
            bar = bars.setdefault(stage, tqdm(total=total, desc=stage, leave=False))
            bar.update(done - bar.n)

    try:
        yield progress
    finally:
        for bar in bars.values():
            bar.close()
