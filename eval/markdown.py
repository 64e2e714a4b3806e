"""Figures as Markdown tables: records in, text out."""

from collections.abc import Mapping, Sequence
from typing import Any

from baycase.eval.compare import Comparison

HEADLINE = ("queries", "recall@1", "recall@5", "recall@8", "recall@10", "mrr@10", "ndcg@10", "answer@1", "answer_f1",
            "sentence@1", "sentence@3", "sentence_recall@5", "sentence_mrr@10", "sentence_ndcg@10",
            "sentence_length")  # fmt: skip
TRUST = ("answered", "auroc_off", "refused_off", "auroc_near", "refused_near", "brier", "ece", "aurc")
PROPOSALS = ("proposals", "points", "first", "ndcg@5", "precedent", "novel", "point_auroc")


def table(rows: Sequence[Sequence[Any]], header: Sequence[str]) -> str:
    """A table; the first column is text, the others are right-aligned. Bars and line ends in cells are escaped."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def figures_table(groups: Mapping[str, Mapping[str, Any]], metrics: Sequence[str], name: str, intervals: bool) -> str:
    """A row a group, a column a metric that some group has; with `intervals`, the 95 % interval in brackets."""
    shown = [metric for metric in metrics if any(metric in figures for figures in groups.values())]
    rows = [[group, *(_figure(figures, metric, intervals) for metric in shown)] for group, figures in groups.items()]
    return table(rows, [name, *shown]) if shown else ""


def evaluation_tables(record: Mapping[str, Any], intervals: bool = False) -> str:
    """The tables of an evaluation's JSON, each under a heading."""
    subsets = dict(record["subsets"])
    if len(subsets) > 1:
        subsets["all"] = record["overall"]
    parts = [
        ("Retrieval and answers", figures_table(subsets, HEADLINE, "subset", intervals)),
        ("Refusal and calibration", figures_table(subsets, TRUST, "subset", intervals)),
    ]
    brief = ("queries", "recall@1", "answer@1", "sentence@1", "sentence@3")
    for title, name, metrics in (
        ("By question type", "types", (*brief, "answered", "auroc_near")),
        ("By style", "styles", (*brief, "answered")),
        ("By split", "splits", (*brief, *TRUST)),
        ("Proposals", "proposals", PROPOSALS),
    ):
        if record.get(name):
            parts.append((title, figures_table(record[name], metrics, name.removesuffix("s"), intervals)))
    if record.get("legs"):
        parts.append(("Each leg alone, recall@1 / recall@10", _legs_table(record["legs"])))
    if record.get("baselines"):
        rows = {
            f"{name}, {subset}": figures for name, by_subset in record["baselines"].items()
            for subset, figures in by_subset.items()
        }  # fmt: skip
        parts.append(("Baselines on the same texts", figures_table(rows, HEADLINE, "baseline", False)))
    if record.get("causes"):
        parts.append(("Misses by cause", _causes_table(record["causes"])))
    text = "\n\n".join(f"### {title}\n\n{body}" for title, body in parts if body)
    if latency := record.get("latency"):
        text += f"\n\nLatency, {latency['questions']} questions one by one: "
        text += f"p50 {latency['p50_ms']} ms, p95 {latency['p95_ms']} ms."
    return text


def comparison_tables(comparison: Comparison) -> str:
    rows = [
        [d.subset, d.metric, d.questions, f"{d.a:.4f}", f"{d.b:.4f}", f"{d.difference:+.4f}",
         f"[{d.interval[0]:+.4f}, {d.interval[1]:+.4f}]" if d.interval else "", f"{d.p:.4f}"]
        for d in comparison.differences
    ]  # fmt: skip
    parts = [table(rows, ["subset", "metric", "questions", comparison.a, comparison.b, "difference", "95 %", "p"])]
    for name, changed in (("Gained", comparison.gained), ("Lost", comparison.lost)):
        lines = [
            f"- {c.id} ({c.subset}): {c.question}\n  - {comparison.a}: {c.a}\n  - {comparison.b}: {c.b}"
            for c in changed
        ]
        parts.append("\n".join([f"### {name}: {len(changed)}", "", *lines]).rstrip())
    if comparison.only_a or comparison.only_b:
        alone = f"{comparison.only_a} questions only in {comparison.a}, {comparison.only_b} only in {comparison.b}"
        parts.append(f"Not compared: {alone}.")
    return "\n\n".join(parts)


def misses_text(misses: Sequence[Mapping[str, Any]]) -> str:
    """Every miss as a block of lines, worst first."""
    return "\n\n".join(_miss(miss) for miss in misses)


def _miss(miss: Mapping[str, Any]) -> str:
    verdict = "answered" if miss["answered"] else "refused"
    lines = [
        f"{miss['id']} ({miss['subset']}): {miss['question']}",
        f"  {miss['cause']}; {verdict}, answerable {miss['answerable']:.2f}, confidence {miss['confidence']:.2f}",
        f"  shown {miss['shown']}: {miss['sentence']}".replace(" :", ":"),
    ]
    if miss["gold"]:
        ranks = ", ".join(f"{leg} {rank}" for leg, rank in (miss["leg_ranks"] or {}).items())
        final = f"document {miss['document_rank']}, passage {miss['passage_rank']}, first stage {miss['fused_rank']}"
        words = [" ".join(miss[name]) or "-" for name in ("matched_shown", "matched_gold")]
        lines += [
            f"  gold  {miss['gold_document']}: {miss['gold']}",
            f"  rank: {final}; by leg: {ranks or 'in none'}",
            f"  words: shown {words[0]}; gold {words[1]}",
        ]
    return "\n".join(lines)


def _legs_table(legs: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    subsets = list(dict.fromkeys(subset for values in legs.values() for subset in values))
    rows = [
        [leg, *(f"{v['recall@1']:.3f} / {v['recall@10']:.3f}" if (v := values.get(s)) else "" for s in subsets)]
        for leg, values in legs.items()
    ]
    return table(rows, ["leg", *subsets])


def _causes_table(causes: Mapping[str, Mapping[str, int]]) -> str:
    names = list(dict.fromkeys(cause for counts in causes.values() for cause in counts))
    return table(
        [[subset, *(counts.get(n, 0) for n in names)] for subset, counts in causes.items()], ["subset", *names]
    )


def _figure(figures: Mapping[str, Any], metric: str, intervals: bool) -> str:
    value = figures.get(metric)
    if value is None:
        return ""
    if metric in ("queries", "proposals", "points"):
        return str(value)
    text = f"{value:.1f}" if metric == "sentence_length" else f"{value:.3f}"
    bounds = figures.get("intervals", {}).get(metric) if intervals else None
    digits = 1 if metric == "sentence_length" else 3
    return f"{text} [{bounds[0]:.{digits}f}, {bounds[1]:.{digits}f}]" if bounds else text


def _cell(cell: Any) -> str:
    return str(cell).replace("|", "\\|").replace("\n", " ")


def speed_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of `baycase bench`: milliseconds on the clock and of the processor, and both ratios."""
    header = ("what", "ms", "p95 ms", "processor ms", "MB", "against", "ms there", "ratio", "processor ratio")
    names = ("what", "ms", "p95_ms", "processor_ms", "memory_mb", "against", "other_ms", "ratio", "processor_ratio")
    return table([["" if row[name] is None else row[name] for name in names] for row in rows], header)


def growth_table(scales: Sequence[Mapping[str, Any]]) -> str:
    """Sizes as columns, figures as rows."""
    names = [name for name in scales[0] if name not in ("passages", "index")]
    rows = [[name, *(scale[name] for scale in scales)] for name in names]
    kinds = [["index of passages", *(scale["index"]["passages"] for scale in scales)],
             ["index of sentences", *(scale["index"]["sentences"] for scale in scales)]]  # fmt: skip
    return table([*rows, *kinds], ["passages", *(f"{scale['passages']:,}" for scale in scales)])
