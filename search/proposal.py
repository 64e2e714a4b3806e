"""A proposal cut into its points: one proposed measure each.

A point is an enumerated item, a sentence, or a clause of a sentence that proposes several things: a
clause that begins with what is to be done, not one that says when, for whom or with
what result. Points are exact spans of the proposal; enumerators and closing marks stay outside.
"""

import re
from itertools import pairwise

from baycase.corpus.enumeration import enumerations, enumerator_at, items
from baycase.corpus.folding import fold
from baycase.corpus.records import Span
from baycase.corpus.sentences import sentence_spans

SHORTEST = 7  # Han characters, or as many letters' worth: less proposes nothing of its own
_EDGE = " \t\r\n　，,、；;。.！!？?：:"
_MARK = re.compile(r"[，,；;]")
_INTRODUCTION = re.compile(r"[：:](?!\d)\s*")
# What the clause before says only under which condition the next one holds.
_CONDITION = re.compile(
    r"^(?:如|若|凡|对于|當|当|在.{0,12}(?:时|後|后|前)$|if |when |where |once |until )|(?:的|时|时候|者|后|前)$", re.I
)
_JOINERS = frozenset(
    "并 并且 同时 另 另外 且 还 再 以及 也 又 并行 一起 共同 逐步 逐项 直接 联合 统一 分别 优先 择优 定期 每年".split()
)
_DOERS = frozenset("由 将 把 为 向 对 与 允许 使 让".split())
_RESULT = re.compile(
    r"^(?:以便|从而|使|让|令|确保|便于|实现|达到|其中|包括|即|也就是|thereby|so that|so as|including|which)", re.I
)
_ENGLISH = re.compile(
    r"[,;]\s+(?:and\s+|then\s+)?(?:to\s+)?(?=(?:set\s+up|let|allow|introduce|establish|create|accept|waive|exempt|"
    r"launch|publish|"
    r"recogni[sz]e|offer|provide|build|pilot|issue|open|draw\s+up|adopt|apply|appoint|bring|carry|cut|develop|encourage|"
    r"extend|form|give|grant|hold|invite|jointly|link|make|permit|place|put|raise|reduce|register|remove|require|run|"
    r"sell|send|share|simplify|start|support|test|train|use|work)\b)",
    re.I,
)  # fmt: skip

_JOINT = re.compile(r"[,;]\s+(?:and|then)(?:\s+to)?\Z", re.I)


def points_of(text: str) -> tuple[Span, ...]:
    """The points of a proposal in order; at least one, the whole text where nothing can be cut."""
    found = [clause for piece in _pieces(text) for clause in _clauses(text, piece)]
    points = tuple(span for span in found if _length(span.of(text)) >= SHORTEST)
    return points or (_trim(text, Span(0, len(text))),)


def _pieces(text: str) -> list[Span]:
    """Sentences, cut again where an item of an enumeration begins within one; what introduces items stays out."""
    starts = {item.start for run in enumerations(text) for item in items(run, len(text))}
    pieces: list[Span] = []
    for sentence in sentence_spans(text):
        edges = [sentence.start, *sorted(s for s in starts if sentence.start < s < sentence.end), sentence.end]
        pieces.extend(Span(a, b) for a, b in pairwise(edges))
    return pieces


def _clauses(text: str, piece: Span) -> list[Span]:
    """The clauses of a sentence that propose things of their own."""
    enumerator = enumerator_at(text, piece.start)
    start = enumerator.span.end if enumerator else piece.start
    introduction = _INTRODUCTION.search(text, start, piece.end)
    if introduction and _length(text[introduction.end() : piece.end]) >= 2 * SHORTEST:
        start = introduction.end()
    edges = [start, *_cuts(text, start, piece.end), piece.end]
    return [_trim(text, Span(a, b)) for a, b in pairwise(edges)]


def _cuts(text: str, start: int, end: int) -> list[int]:
    """Where a new proposed thing begins within a sentence."""
    cuts, last = [], start
    english = {match.start(): match.end() for match in _ENGLISH.finditer(text, start, end)}
    places = {english.get(match.start(), match.end()) for match in _MARK.finditer(text, start, end)}
    for place in sorted(places):
        before = _trim(text, Span(last, place)).of(text)
        after = text[place : _next_mark(text, place, end)].strip(_EDGE)
        semicolon = text[place - 1 : place] in ("；", ";")
        if min(_length(before), _length(after)) < SHORTEST:
            continue
        if semicolon or (_proposes(after) and not _CONDITION.search(_last_clause(before))):
            cuts.append(place)
            last = place
    return cuts


def _next_mark(text: str, place: int, end: int) -> int:
    match = _MARK.search(text, place, end)
    return match.start() if match else end


def _last_clause(text: str) -> str:
    return re.split(r"[，,；;]", fold(text))[-1].strip()


def _proposes(clause: str) -> bool:
    """Whether a clause begins with something to be done."""
    folded = fold(clause).strip()
    if _RESULT.match(folded):
        return False
    if folded.isascii():
        return bool(_ENGLISH.match(", " + folded))
    import rjieba

    words = rjieba.tag(folded[:40])
    for word, kind in words[:3]:
        if word in _JOINERS or kind.startswith(("d", "c")):
            continue
        return (kind.startswith("v") and not _CONDITION.search(folded)) or word in _DOERS
    return False


def _trim(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    joint = _JOINT.search(text, start, end)
    return _trim(text, Span(start, joint.start())) if joint else Span(start, end)


def _length(words: str) -> int:
    """Length in Han characters; about four Latin letters say as much as one."""
    han = sum("㐀" <= c <= "鿿" for c in words)
    return han + sum(c.isalnum() and c.isascii() for c in words) // 4
