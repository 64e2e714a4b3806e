"""An evaluation as a folder: report.html (one file, nothing from another host), tables.md and evaluation.json."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from baycase.eval import plots
from baycase.eval.markdown import evaluation_tables

WORST = 50  # misses shown in full

_STYLE = """
body{font:15px/1.55 system-ui,"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;
color:#1c2833;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid #d5dbe1;padding-bottom:.2rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px;margin:.6rem 0}
th,td{border:1px solid #d5dbe1;padding:.25rem .5rem;text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}thead th{background:#eef2f5}
figure{display:inline-block;margin:.5rem 1.5rem .5rem 0;vertical-align:top}figcaption{font-size:13px;color:#4a5763}
figure svg{max-width:100%;height:auto}
details{border-left:3px solid #d5dbe1;padding:.1rem .8rem;margin:.5rem 0}summary{cursor:pointer}
dt{font-weight:600;margin-top:.3rem}dd{margin:0 0 0 1rem}.cause{color:#8a3b1a}
""".strip()


def write_report(record: Mapping[str, Any], latency_ms: Sequence[float], folder: Path) -> Path:
    """Write the report of an evaluation's JSON; returns the HTML file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "tables.md").write_text(evaluation_tables(record, intervals=True) + "\n", encoding="utf-8")
    page = folder / "report.html"
    page.write_text(html_page(record, latency_ms), encoding="utf-8")
    return page


def html_page(record: Mapping[str, Any], latency_ms: Sequence[float]) -> str:
    title = f"Evaluation: {record['dataset']}"
    settings = ", ".join(f"{name} {value}" for name, value in record["settings"].items())
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(record['model'])}; {escape(settings)}; {escape(record.get('code', ''))}</p>",
        _plots(record, latency_ms),
        html_tables(evaluation_tables(record, intervals=True)),
        _misses(record.get("misses", [])),
        _problems(record.get("problems", [])),
    ]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{_STYLE}</style></head><body>\n" + "\n".join(filter(None, parts)) + "\n</body></html>\n"
    )


def html_tables(markdown: str) -> str:
    """Our own Markdown (headings, tables, paragraphs) as HTML, every cell escaped."""
    blocks = []
    for block in markdown.split("\n\n"):
        lines = block.split("\n")
        if block.startswith("### "):
            blocks.append(f"<h2>{escape(block[4:])}</h2>")
        elif block.startswith("|"):
            head, body = _row(lines[0], "th"), "".join(_row(line, "td") for line in lines[2:])
            blocks.append(f'<div class="wide"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>')
        elif block:
            blocks.append(f"<p>{escape(block)}</p>")
    return "\n".join(blocks)


def _row(line: str, tag: str) -> str:
    cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _plots(record: Mapping[str, Any], latency_ms: Sequence[float]) -> str:
    drawn = []
    if legs := record.get("legs"):
        drawn.append(("Recall@1 of each leg alone and of their fusion", plots.recall_by_leg(legs)))
    if calibration := record.get("calibration"):
        drawn.append(("Calibration: the share right at each confidence", plots.calibration_curve(calibration["bins"])))
        drawn.append(("Risk and coverage", plots.risk_coverage_curve(calibration["risk_coverage"])))
    if len(latency_ms):
        drawn.append(("Latency", plots.latency_histogram(latency_ms)))
    return "".join(f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>" for caption, svg in drawn)


def _misses(misses: Sequence[Mapping[str, Any]]) -> str:
    if not misses:
        return ""
    shown = "\n".join(_miss(miss) for miss in misses[:WORST])
    return f"<h2>Misses: the worst {min(WORST, len(misses))} of {len(misses)}</h2>\n{shown}"


def _miss(miss: Mapping[str, Any]) -> str:
    ranks = ", ".join(f"{leg} {rank}" for leg, rank in (miss["leg_ranks"] or {}).items())
    rows = {
        "shown": f"{miss['shown']}: {miss['sentence']}",
        "gold": f"{miss['gold_document']}: {miss['gold']}" if miss["gold"] else "",
        "rank": f"document {miss['document_rank']}, passage {miss['passage_rank']}, first stage {miss['fused_rank']}"
        if miss["gold"]
        else "",
        "by leg": ranks,
        "words matched": f"shown {' '.join(miss['matched_shown'])}; gold {' '.join(miss['matched_gold'])}"
        if miss["gold"]
        else "",
        "sure": f"answerable {miss['answerable']:.2f}, confidence {miss['confidence']:.2f}",
    }
    body = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in rows.items() if text)
    head = f'{escape(miss["id"])} <span class="cause">{escape(miss["cause"])}</span>: {escape(miss["question"])}'
    return f"<details><summary>{head}</summary><dl>{body}</dl></details>"


def _problems(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    return "<h2>Rows that were left out</h2><ul>" + "".join(f"<li>{escape(p)}</li>" for p in problems) + "</ul>"
