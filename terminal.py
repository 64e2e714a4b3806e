"""Results as a person reads them in a terminal: text in, text out, no decisions.

It knows the records of search and nothing of where they come from.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from baycase.index.build import Progress, no_progress
from baycase.search.results import AskResult, Hit, SearchResult, SimilarResult

_WORDS = {
    "zh-Hans": {"silent": "案例未提及。最接近的段落：", "none": "没有找到任何段落。", "case": "案例", "new": "未见先例",
                "sure": "把握", "unofficial": "非官方译文", "official": "官方译文"},
    "zh-Hant": {"silent": "案例未有提及。最接近的段落：", "none": "找不到任何段落。", "case": "案例", "new": "未見先例",
                "sure": "把握", "unofficial": "非官方譯文", "official": "官方譯文"},
    "en": {"silent": "The cases do not say. The nearest passages:", "none": "No passage was found.", "case": "Case",
           "new": "no precedent", "sure": "confidence", "unofficial": "unofficial translation", "official": "official translation"},
}  # fmt: skip


def bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


def search_text(result: SearchResult, explain: bool = False) -> str:
    words = _WORDS[result.language]
    if not result.hits:
        return words["none"]
    return "\n\n".join(_hit(hit, words, explain) for hit in result.hits)


def ask_text(result: AskResult, explain: bool = False) -> str:
    words = _WORDS[result.language]
    lines = []
    for citation in result.citations:
        lines.append(bold(f"“{citation.quote}”" if result.language == "en" else citation.quote))
        if citation.rendering:
            lines.append(f"    {citation.rendering.text} [{_origin(citation.rendering.origin, words)}]")
        page = f", p. {citation.page}" if citation.page else ""
        lines.append(f"    {citation.title} [{citation.doc_id}:{citation.start}-{citation.end}{page}]  "
                     f"{words['sure']} {result.confidence:.0%}")  # fmt: skip
    if not result.answered:
        lines.append(bold(words["silent"]) if result.hits else words["none"])
    shown = result.hits if explain else result.hits[:3]
    lines += ["", *(_hit(hit, words, explain) + "\n" for hit in shown)]
    return "\n".join(lines).rstrip()


def similar_text(result: SimilarResult, explain: bool = False) -> str:
    words = _WORDS[result.language]
    blocks = []
    for case in result.cases:
        lines = [f"{case.rank}. {bold(case.title)}  {case.score:.3f}  [{case.doc_id}]"]
        for point in case.points:
            lines.append(f"   · {point.point}")
            quote = point.precedent.quote if point.precedent else words["new"]
            lines.append(f"     {'→' if point.precedent else '—'} {quote}" + (f"  ({point.score:.3f})" if explain else ""))
            if point.precedent and point.precedent.rendering:
                lines.append(f"       {point.precedent.rendering.text} [{_origin(point.precedent.rendering.origin, words)}]")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) or words["none"]


def _hit(hit: Hit, words: dict[str, str], explain: bool) -> str:
    lines = [f"{hit.rank}. {bold(hit.title or hit.doc_id)}  {hit.section}  [{hit.doc_id}:{hit.start}-{hit.end}]",
             f"   {hit.sentence}"]  # fmt: skip
    if hit.rendering:
        lines.append(f"   {hit.rendering.text} [{_origin(hit.rendering.origin, words)}]")
    if explain:
        legs = "  ".join(f"{name} {leg.score:.3f} (#{leg.rank})" for name, leg in hit.legs.items())
        lines.append(f"   {hit.score:.3f} = {legs}")
        if hit.matched:
            lines.append(f"   {' '.join(hit.matched)}")
    return "\n".join(lines)


def _origin(origin: str, words: dict[str, str]) -> str:
    return words["official"] if origin == "official" else words["unofficial"]


@contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Progress]:
    """A progress bar a stage on a terminal, nothing elsewhere."""
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
