"""A proposal cut into its points: one proposed measure each.

A point is an enumerated item, a sentence, or a clause of a sentence that proposes
several things. Points are exact spans of the proposal; enumerators and closing marks stay outside.
"""

import re

from baycase.corpus.enumeration import enumerations, enumerator_at, items
from baycase.corpus.records import Span
from baycase.corpus.sentences import sentence_spans

SHORTEST_CLAUSE = 8  # Han characters, or as many letters' worth: less proposes nothing of its own
_EDGE = " \t\r\n　，,、；;。.！!？?：:"
_CLAUSE = re.compile(r"[，,；;](?=\s*(?:并|并且|同时|另|且|以及|還|还|再|推动|推動|推进|推進|建立|建设|建設|设立|設立|允许|允許|"
                     r"支持|探索|试行|試行|实行|實行|实施|實施|简化|簡化|减免|減免|取消|引入|制定|推出|推行|开展|開展|鼓励|鼓勵|"
                     r"组建|組建|统一|統一|打通|开放|開放|提供|完善|优化|優化|and\s|set\s+up|let\s|allow|introduce|establish|"
                     r"create|accept|waive|exempt|launch|publish|recognise|recognize|offer|provide|build|pilot))", re.I)  # fmt: skip


def points_of(text: str) -> tuple[Span, ...]:
    """The points of a proposal in order; at least one, the whole text where nothing can be cut."""
    found: list[Span] = []
    for piece in _pieces(text):
        found.extend(_clauses(text, piece))
    points = tuple(span for span in found if _length(span.of(text)) >= SHORTEST_CLAUSE)
    return points or (_trim(text, Span(0, len(text))),)


def _pieces(text: str) -> list[Span]:
    """Sentences, cut again where an enumeration begins within one."""
    starts = {item.start for run in enumerations(text) for item in items(run, len(text))}
    pieces: list[Span] = []
    for sentence in sentence_spans(text):
        cuts = sorted(s for s in starts if sentence.start < s < sentence.end)
        edges = [sentence.start, *cuts, sentence.end]
        pieces.extend(Span(a, b) for a, b in zip(edges, edges[1:], strict=False))
    return pieces


def _clauses(text: str, piece: Span) -> list[Span]:
    """The clauses of a sentence that propose things of their own."""
    enumerator = enumerator_at(text, piece.start)
    start = enumerator.span.end if enumerator else piece.start
    cuts = [match.start() for match in _CLAUSE.finditer(text, start, piece.end)]
    edges = [start, *cuts, piece.end]
    clauses = [_trim(text, Span(a, b)) for a, b in zip(edges, edges[1:], strict=False)]
    if any(_length(clause.of(text)) < SHORTEST_CLAUSE for clause in clauses):
        return [_trim(text, Span(start, piece.end))]
    return clauses


def _trim(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return Span(start, end)


def _length(words: str) -> int:
    """Length in Han characters; about four Latin letters say as much as one."""
    han = sum("㐀" <= c <= "鿿" for c in words)
    return han + sum(c.isalnum() and c.isascii() for c in words) // 4
