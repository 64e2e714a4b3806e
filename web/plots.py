"""Small plots as SVG: a calibration plot. Numbers in, markup out."""

from collections.abc import Sequence
from typing import Any

from baycase.web.markup import escape, tag

SIZE, EDGE = 320, 40


def calibration_plot(bins: Sequence[dict[str, Any]], across: str, up: str, title: str) -> str:
    """Points (probability said, share right), their area by how many answers they hold, over the diagonal."""
    side = SIZE - 2 * EDGE

    def x(value: float) -> float:
        return EDGE + value * side

    def y(value: float) -> float:
        return SIZE - EDGE - value * side

    ticks = []
    for tenth in (0, 25, 50, 75, 100):
        at = tenth / 100
        ticks.append(f'<text x="{x(at):.1f}" y="{SIZE - EDGE + 16}" text-anchor="middle">{tenth}</text>')
        ticks.append(f'<text x="{EDGE - 6}" y="{y(at) + 4:.1f}" text-anchor="end">{tenth}</text>')
    most = max((b["questions"] for b in bins), default=1)
    dots = []
    for b in bins:
        count, radius = b["questions"], 4 + 8 * (b["questions"] / most) ** 0.5
        place = f'cx="{x(b["probability"]):.1f}" cy="{y(b["right"]):.1f}" r="{radius:.1f}"'
        dots.append(f"<circle {place}><title>{b['probability']:.2f} → {b['right']:.2f} ({count})</title></circle>")
    frame = f'<rect x="{EDGE}" y="{EDGE}" width="{side}" height="{side}" class="bc-frame"/>'
    diagonal = f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" class="bc-diagonal"/>'
    names = (
        f'<text x="{SIZE / 2}" y="{SIZE - 6}" text-anchor="middle">{escape(across)} %</text>'
        f'<text x="{EDGE}" y="{EDGE - 10}">{escape(up)} %</text>'
    )
    return tag(
        "svg",
        frame,
        diagonal,
        *ticks,
        names,
        *dots,
        viewBox=f"0 0 {SIZE} {SIZE}",
        role="img",
        aria_label=title,
        class_="bc-plot",
    )
