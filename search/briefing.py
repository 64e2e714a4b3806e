"""A briefing of a proposal against the cases, to take away: Markdown, Word and CSV, every precedent with its citation.

It knows results and nothing of how they were found or where they are shown.
"""

import csv
import io
import re
from collections.abc import Iterator

from baycase.search.results import Precedent, SimilarCase, SimilarResult

WORDS = {
    "zh-Hans": {
        "title": "方案与案例比对简报",
        "proposal": "方案",
        "points": "逐条比对",
        "new": "未见先例",
        "cases": "最相近的案例",
        "citations": "引文",
        "point": "要点",
        "case": "案例",
        "score": "相似度",
        "quote": "先例",
        "where": "出处",
        "page": "第{n}页",
        "official": "官方译文",
        "project": "非官方译文",
        "machine": "非官方译文（机器翻译）",
    },
    "zh-Hant": {
        "title": "方案與案例比對簡報",
        "proposal": "方案",
        "points": "逐項比對",
        "new": "未見先例",
        "cases": "最相近的案例",
        "citations": "引文",
        "point": "要點",
        "case": "案例",
        "score": "相似度",
        "quote": "先例",
        "where": "出處",
        "page": "第{n}頁",
        "official": "官方譯文",
        "project": "非官方譯文",
        "machine": "非官方譯文（機器翻譯）",
    },
    "en": {
        "title": "A proposal against the cases",
        "proposal": "The proposal",
        "points": "Point by point",
        "new": "no precedent",
        "cases": "The nearest cases",
        "citations": "Citations",
        "point": "Point",
        "case": "Case",
        "score": "Similarity",
        "quote": "Precedent",
        "where": "Source",
        "page": "p. {n}",
        "official": "official translation",
        "project": "unofficial translation",
        "machine": "unofficial translation, by machine",
    },
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " ", "　")
_ESCAPED = r"\\\1"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")


def _precedents(result: SimilarResult, point: int) -> Iterator[tuple[SimilarCase, float, Precedent]]:
    """The precedents of a point, the best first."""
    found = [(c, c.points[point].score, p) for c in result.cases if (p := c.points[point].precedent) is not None]
    yield from sorted(found, key=lambda each: -each[1])


def _points(result: SimilarResult) -> list[str]:
    return [point.point for point in result.cases[0].points] if result.cases else []


def _where(case: SimilarCase, quote: Precedent, words: dict[str, str]) -> str:
    page = f", {words['page'].format(n=quote.page)}" if quote.page else ""
    return f"{case.title} [{case.doc_id}:{quote.start}-{quote.end}]{page}"


def to_markdown(result: SimilarResult, language: str) -> str:
    """The briefing as Markdown; text of documents cannot become markup."""
    w = WORDS[language]
    lines = [f"# {w['title']}", "", f"## {w['proposal']}", "", *_quoted(result.query), "", f"## {w['cases']}", ""]
    lines += [f"{c.rank}. {_plain(c.title)} [{_plain(c.doc_id)}] · {w['score']} {c.score:.2f}" for c in result.cases]
    lines += ["", f"## {w['points']}", ""]
    for n, point in enumerate(_points(result)):
        lines += [f"### {n + 1}. {_plain(point)}", ""]
        precedents = list(_precedents(result, n))
        if not precedents:
            lines += [f"**{w['new']}**", ""]
        for case, score, quote in precedents:
            lines += [
                *_quoted(quote.quote),
                ">",
                f"> — {_plain(_where(case, quote, w))} · {w['score']} {score:.2f}",
                "",
            ]
            if quote.rendering:
                lines += [f"{_plain(quote.rendering.text)} ({w[quote.rendering.origin]})", ""]
    return "\n".join(lines).rstrip() + "\n"


def _plain(text: str) -> str:
    return _MARKDOWN.sub(_ESCAPED, " ".join(text.split()))


def _quoted(text: str) -> list[str]:
    return [f"> {_MARKDOWN.sub(_ESCAPED, line)}" for line in text.splitlines() if line.strip()]


def to_docx(result: SimilarResult, language: str) -> bytes:
    """The briefing as a Word document."""
    from docx import Document
    from docx.oxml.ns import qn

    w = WORDS[language]
    document = Document()
    # Word chooses Chinese glyphs by this attribute, not by the Latin font.
    font = "Microsoft JhengHei" if language == "zh-Hant" else "Microsoft YaHei"
    document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    document.add_heading(w["title"], 0)
    document.add_heading(w["proposal"], 1)
    for line in filter(str.strip, _printable(result.query).splitlines()):
        document.add_paragraph(line)
    document.add_heading(w["cases"], 1)
    for case in result.cases:
        document.add_paragraph(
            _printable(f"{case.title} [{case.doc_id}] · {w['score']} {case.score:.2f}"), "List Number"
        )
    document.add_heading(w["points"], 1)
    for n, point in enumerate(_points(result)):
        document.add_heading(_printable(f"{n + 1}. {point}"), 2)
        precedents = list(_precedents(result, n))
        if not precedents:
            document.add_paragraph().add_run(w["new"]).bold = True
        for case, score, quote in precedents:
            document.add_paragraph(_printable(quote.quote), "Intense Quote")
            if quote.rendering:
                document.add_paragraph(_printable(f"{quote.rendering.text} ({w[quote.rendering.origin]})"))
            document.add_paragraph(_printable(f"{_where(case, quote, w)} · {w['score']} {score:.2f}"))
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _printable(text: str) -> str:
    """XML takes no control characters."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def to_csv(result: SimilarResult, language: str) -> str:
    """A row for every point and precedent; a cell that a spreadsheet would take for a formula stays text."""
    w = WORDS[language]
    kept = io.StringIO()
    table = csv.writer(kept)
    table.writerow([w["point"], w["case"], w["score"], w["quote"], w["where"]])
    for n, point in enumerate(_points(result)):
        rows = [(c.title, f"{s:.4f}", q.quote, _where(c, q, w)) for c, s, q in _precedents(result, n)] or [
            (w["new"], "", "", "")
        ]
        table.writerows([as_text(point), *map(as_text, row)] for row in rows)
    return "\ufeff" + kept.getvalue()  # Excel takes a file without the mark for the system's old encoding


def as_text(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
