"""Plots of an evaluation as inline SVG, by matplotlib: numbers in, markup out.

All words in them are Latin: the fonts that matplotlib brings have no Chinese.
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

_COLOURS = ("#1f4e79", "#b8741a", "#3c7a3c", "#8a3b6b", "#5f6b76", "#a03d2e")


def recall_by_leg(legs: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Grouped bars: recall@1 of each leg, a colour a subset."""
    subsets = list(dict.fromkeys(subset for values in legs.values() for subset in values))
    names = sorted(legs, key=lambda leg: max(v["recall@1"] for v in legs[leg].values()))

    def draw(axes: Axes) -> None:
        height = 0.8 / len(subsets)
        for number, subset in enumerate(subsets):
            held = [(at, legs[leg][subset]["recall@1"]) for at, leg in enumerate(names) if subset in legs[leg]]
            places = [at + (len(subsets) / 2 - number - 0.5) * height for at, _ in held]
            axes.barh(places, [v for _, v in held], height, label=plain(subset), color=_COLOURS[number % len(_COLOURS)])
        axes.set_yticks(range(len(names)), [plain(name) for name in names])
        axes.set_xlim(0, 1)
        axes.set_xlabel("recall@1")
        axes.legend(frameon=False, fontsize=8, loc="lower right")

    return _svg(draw, (6.4, 1 + 0.2 * len(names) * max(2, len(subsets) * 0.7)))


def calibration_curve(bins: Sequence[Mapping[str, Any]]) -> str:
    """Confidence against the share right; a dot's area grows with its questions."""

    def draw(axes: Axes) -> None:
        most = max(b["questions"] for b in bins)
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
        x, y = [b["probability"] for b in bins], [b["right"] for b in bins]
        axes.plot(x, y, color=_COLOURS[0], linewidth=1)
        axes.scatter(x, y, [20 + 120 * b["questions"] / most for b in bins], color=_COLOURS[0])
        for b in bins:
            place = (b["probability"], b["right"])
            axes.annotate(str(b["questions"]), place, (6, -10), textcoords="offset points", fontsize=7)
        axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="confidence", ylabel="share right")

    return _svg(draw, (4.2, 3.8))


def risk_coverage_curve(points: Sequence[Sequence[float]]) -> str:
    """The share wrong among the surest, as more questions are answered."""

    def draw(axes: Axes) -> None:
        axes.plot([x for x, _ in points], [y for _, y in points], color=_COLOURS[1])
        top = max(0.1, *(y for _, y in points))
        axes.set(xlim=(0, 1), ylim=(0, top * 1.1), xlabel="coverage, surest first", ylabel="share wrong")

    return _svg(draw, (4.2, 3.8))


def latency_histogram(milliseconds: Sequence[float]) -> str:
    def draw(axes: Axes) -> None:
        axes.hist(list(milliseconds), bins=min(20, max(5, len(milliseconds) // 3)), color=_COLOURS[2])
        axes.set(xlabel="milliseconds a question", ylabel="questions")

    return _svg(draw, (4.2, 3.2))


def growth(scales: Sequence[Mapping[str, Any]]) -> str:
    """Lines on two logarithmic axes: passages against seconds, milliseconds and megabytes, each by its unit."""
    lines = {
        "build, s (processor)": "build_processor_s", "refresh, s (processor)": "refresh_processor_s",
        "query, ms (median)": "query_p50_ms", "query, ms (95 %)": "query_p95_ms",
        "disk, MB": "disk_mb", "memory, MB": "memory_mb",
    }  # fmt: skip

    def draw(axes: Axes) -> None:
        for number, (label, name) in enumerate(lines.items()):
            held = [(scale["passages"], scale[name]) for scale in scales if scale[name]]
            axes.plot([x for x, _ in held], [y for _, y in held], marker="o", markersize=3, label=label,
                      color=_COLOURS[number])  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="s, ms or MB")
        for axis in (axes.xaxis, axes.yaxis):  # whole numbers: powers would need the mathematical text that is off
            axis.set_major_formatter(lambda value, _: f"{value:,.12g}")
        axes.legend(frameon=False, fontsize=8)

    return _svg(draw, (6.4, 4.2))


def plain(name: str) -> str:
    """A name for a plot: what has no glyph is shown by its code."""
    return name.encode("ascii", "backslashreplace").decode() if not name.isascii() else name


def _svg(draw: Callable[[Axes], None], size: tuple[float, float]) -> str:
    """The figure as an <svg> element, without the document's prologue, its metadata and its outside names."""
    import matplotlib

    style: Any = {"svg.fonttype": "path", "svg.hashsalt": "baycase", "font.size": 9, "text.parse_math": False}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        stream = io.StringIO()
        FigureCanvasSVG(figure).print_svg(stream, metadata={"Date": None, "Creator": None})
    markup = stream.getvalue()
    markup = markup[markup.index("<svg") :]
    return re.sub(r"<metadata>.*?</metadata>", "", markup, flags=re.DOTALL)
