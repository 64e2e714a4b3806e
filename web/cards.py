"""Result cards: an answer, its passages and their citations as HTML. No Gradio, no library.

Every word of a document passes through `markup.escape`; Chinese text says its own language.
"""

from collections.abc import Sequence
from dataclasses import replace

from baycase.corpus.folding import fold
from baycase.corpus.records import Rendering
from baycase.corpus.terms import chinese_terms
from baycase.search.explain import reasons
from baycase.search.results import AnswerSpan, AskResult, Hit, SearchResult
from baycase.web.address import Address
from baycase.web.citations import gb7714, plain
from baycase.web.languages import Texts
from baycase.web.markup import escape, link, tag, text_in
from baycase.web.quotes import Quotes

SURE, LIKELY = 0.75, 0.45  # confidence in words: high from .75, fair from .45, low below
SHOWN = 8  # passages that are open at first; the rest are one click away


def confidence_words(confidence: float, t: Texts) -> str:
    return t["sure.high"] if confidence >= SURE else t["sure.fair"] if confidence >= LIKELY else t["sure.low"]


def percent(probability: float) -> str:
    return f"{100 * probability:.0f}%"


def section_name(section: str, t: Texts) -> str:
    """The name of a case's section, or a document's own heading as it is."""
    return t.get(f"section.{section}", section)


def answer_page(result: AskResult, address: Address, t: Texts, quotes: Quotes) -> str:
    """The answer or the refusal, then the passages."""
    top = quotes.switch() + (_answer(result, address, t, quotes) if result.answered else _refusal(result, t))
    title = t["hits.more"] if result.answered else t["hits.nearest"]
    # Where nothing answers, no words are marked as if they did.
    hits = result.hits if result.answered else [replace(hit, answer_span=None) for hit in result.hits]
    return top + hits_section(hits, result.query, title, address, t, quotes)


def search_page(result: SearchResult, address: Address, t: Texts, quotes: Quotes) -> str:
    if not result.hits:
        return notice(t["none.title"], t["none.next"])
    return hits_section(result.hits, result.query, t["hits.found"], address, t, quotes)


def _answer(result: AskResult, address: Address, t: Texts, quotes: Quotes) -> str:
    citation, hit = result.citations[0], result.hits[0]
    level = "high" if result.confidence >= SURE else "fair" if result.confidence >= LIKELY else "low"
    sure = f"{confidence_words(result.confidence, t)} · {percent(result.confidence)}"
    body = [
        tag(
            "p",
            tag("span", escape(t["answer.label"]), class_="bc-label"),
            tag("span", escape(sure), class_=f"bc-sure bc-{level}", title=t["sure.help"]),
            class_="bc-verdict",
        ),
        quotes.show(citation.quote, citation.start, _key_words(citation.answer_span), class_="bc-quote"),
        rendering_note(citation.rendering, t),
        _where(hit, address, t),
        _actions(hit, result.query, t),
    ]
    return tag("section", tag("h2", escape(t["answer.heading"]), class_="bc-sr"), *body, class_="bc-answer")


def _refusal(result: AskResult, t: Texts) -> str:
    if not result.hits:
        return notice(t["none.title"], t["none.next"])
    chance = t["refused.chance"].format(percent=percent(result.answerable))
    return tag(
        "section",
        tag("h2", escape(t["refused.title"])),
        tag("p", escape(t["refused.next"])),
        tag("p", escape(chance), class_="bc-small"),
        class_="bc-refusal",
    )


def hits_section(hits: Sequence[Hit], query: str, title: str, address: Address, t: Texts, quotes: Quotes) -> str:
    """Passages in their order as a list of cards."""
    if not hits:
        return ""
    cards = [tag("li", hit_card(hit, query, address, t, quotes)) for hit in hits]
    more = ""
    if len(cards) > SHOWN:
        label = t["hits.rest"].format(n=len(cards) - SHOWN)
        more = tag(
            "details", tag("summary", escape(label)), tag("ol", *cards[SHOWN:], class_="bc-hits", start=SHOWN + 1)
        )
    heading = tag("h2", escape(title), class_="bc-section")
    return tag("section", heading, tag("ol", *cards[:SHOWN], class_="bc-hits"), more)


def hit_card(hit: Hit, query: str, address: Address, t: Texts, quotes: Quotes) -> str:
    """One passage: where it stands, its words with the sentence marked, and why it was found."""
    marks = [(hit.sentence_start, hit.sentence_end, "bc-sentence"), *_key_words(hit.answer_span)]
    matched = ""
    if words := hit.matched or words_in_common(query, hit.passage):
        terms = "".join(text_in(term, element="span", class_="bc-term") for term in words[:12])
        matched = tag("p", tag("span", escape(t["hit.matched"]), class_="bc-small"), " ", terms, class_="bc-matched")
    return tag(
        "article",
        tag("header", tag("h3", text_in(hit.title)), class_="bc-cardhead"),
        quotes.show(hit.passage, hit.start, marks, class_="bc-passage"),
        rendering_note(hit.rendering, t),
        matched,
        _where(hit, address, t),
        _actions(hit, query, t),
        _why(hit, t),
        class_="bc-card",
        data_doc=hit.doc_id,
    )


def words_in_common(query: str, passage: str) -> tuple[str, ...]:
    """The question's words that the passage holds, folded, in the question's order."""
    folded = fold(passage)
    terms = dict.fromkeys(chinese_terms(query))
    return tuple(term for term in terms if len(term) > 1 and term in folded)


def _key_words(span: AnswerSpan | None) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, "bc-key")] if span else []


def rendering_note(rendering: Rendering | None, t: Texts) -> str:
    """A translation under its original, marked as what it is."""
    if rendering is None:
        return ""
    origin = t[f"rendering.{rendering.origin}"]
    return tag(
        "p",
        text_in(rendering.text, class_="bc-rendered"),
        " ",
        tag("span", escape(origin), class_="bc-origin"),
        class_="bc-rendering",
    )


def chip(doc_id: str, start: int, end: int, label: str, address: Address, page: int | None, t: Texts) -> str:
    """The link that opens a document at a span."""
    at = t["cite.page"].format(page=page) if page else ""
    return link(
        address.elsewhere("library", doc=doc_id, start=start, end=end),
        escape(label),
        tag("span", escape(f" {at} "), f"{start}–{end}", class_="bc-offsets"),
        class_="bc-chip",
        title=t["cite.open"],
    )


def _short(title: str, longest: int = 28) -> str:
    return title if len(title) <= longest else title[:longest] + "…"


def _where(hit: Hit, address: Address, t: Texts) -> str:
    label = f"{_short(hit.title)} · {section_name(hit.section, t)}"
    return tag(
        "p",
        chip(hit.doc_id, hit.sentence_start, hit.sentence_end, label, address, hit.page, t),
        class_="bc-where",
    )


def _actions(hit: Hit, query: str, t: Texts) -> str:
    """Copy and feedback buttons; the page's script listens for them by their data attributes."""
    copies = {
        "cite.gb7714": gb7714(hit.title, hit.source, hit.sentence, hit.page),
        "cite.plain": plain(hit.title, hit.sentence, hit.page),
    }
    buttons = [
        tag("button", escape(t[key]), type="button", class_="bc-button", data_copy=text) for key, text in copies.items()
    ]
    for verdict in ("helpful", "unhelpful"):
        buttons.append(
            tag(
                "button",
                escape(t[f"feedback.{verdict}"]),
                type="button",
                class_="bc-button",
                aria_pressed="false",
                data_feedback=verdict,
                data_query=query,
                data_doc=hit.doc_id,
                data_start=hit.sentence_start,
                data_end=hit.sentence_end,
            )
        )
    return tag("div", *buttons, class_="bc-actions")


def _why(hit: Hit, t: Texts) -> str:
    if not hit.legs:
        return ""
    rows = "".join(
        tag(
            "tr",
            tag("th", escape(reason.name), scope="row"),
            tag("td", f"{reason.score:.3f}"),
            tag("td", str(reason.rank)),
        )
        for reason in reasons(hit.legs, t.language)
    )
    head = tag("tr", *(tag("th", escape(t[key]), scope="col") for key in ("why.leg", "why.score", "why.rank")))
    table = tag(
        "div",
        tag("table", tag("thead", head), tag("tbody", rows), class_="bc-table"),
        class_="bc-scroll",
        tabindex="0",
        role="group",
        aria_label=t["why.title"],
    )
    total = tag("p", escape(t["why.total"].format(score=f"{hit.score:.3f}", rank=hit.rank)), class_="bc-small")
    return tag("details", tag("summary", escape(t["why.title"])), table, total, class_="bc-why")


def notice(title: str, then: str, *more: str, kind: str = "notice") -> str:
    """A message with its next step; `more` is HTML."""
    return tag("section", tag("h2", escape(title)), tag("p", escape(then)), *more, class_=f"bc-{kind}", role="status")
