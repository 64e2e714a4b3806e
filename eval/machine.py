"""The machine that figures come from, in words, and how fast it multiplies matrices.

A matrix product is what an encoder's time goes into, so the product's speed bounds the encoder's. It
knows no model but the number of operations that a token of the bundled one takes.
"""

import os
import time
from typing import Any

from baycase.index.transformer import cores, fastest_engine, processor_flags

# 12 layers of four 384 × 384 maps and two of 384 × 1,536, a multiplication and an addition each; attention's own
# products add 2 % at 50 tokens and 11 % at 300.
OPERATIONS_A_TOKEN = 2 * 12 * (4 * 384 * 384 + 2 * 384 * 1536)
_TELLING = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8")
_SIZE = 1024


def machine() -> dict[str, Any]:
    """Cores, what the processor can do, how busy the machine is, the engine, and billions of operations a second."""
    flags = [flag for flag in _TELLING if flag in processor_flags()]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    busy = "" if load is None else f", {load:.1f} runnable tasks when it began"
    found = {"cores": cores(), "flags": flags, "load": load, "engine": fastest_engine(), "gops": matrix_products()}
    speeds = ", ".join(f"{name} {value:,.0f}" for name, value in found["gops"].items())
    words = f"{cores()} cores ({' '.join(flags) or 'no special instructions'}){busy}; engine {found['engine']}"
    return found | {"words": f"{words}; matrix products, 10⁹ operations a second on all cores: {speeds}"}


def matrix_products() -> dict[str, float]:
    """Number form → 10⁹ operations a second of a product of two square matrices by PyTorch, the best of several."""
    import torch as module

    torch: Any = module  # the 8-bit product has no public name yet
    plain = torch.rand(_SIZE, _SIZE)
    whole = torch.randint(-100, 100, (_SIZE, _SIZE), dtype=torch.int8)
    narrow = plain.bfloat16()
    works = {
        "fp32": lambda: plain @ plain,
        "bf16": lambda: narrow @ narrow,
        "int8": lambda: torch._int_mm(whole, whole),
    }
    found = {}
    for name, work in works.items():
        work()
        best = min(_seconds(work) for _ in range(7))
        found[name] = round(2 * _SIZE**3 / best / 1e9, 1)
    return found


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
