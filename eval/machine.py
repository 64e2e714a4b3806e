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
# What each engine multiplies in.
_FORMS = {"onnx-int8": "int8", "torch-bf16": "bf16"}


def machine() -> dict[str, Any]:
    """Cores, what the processor can do, how busy the machine is, the engine, and billions of operations a second."""
    flags = [flag for flag in _TELLING if flag in processor_flags()]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    busy = "" if load is None else f", {load:.1f} runnable tasks when it began"
    found = {"cores": cores(), "flags": flags, "load": load, "engine": fastest_engine(), "gops": matrix_products()}
    speeds = ", ".join(f"{name} {value:,.0f}" for name, value in found["gops"].items())
    words = f"{cores()} cores ({' '.join(flags) or 'no special instructions'}){busy}; engine {found['engine']}"
    return found | {"words": f"{words}; matrix products, 10⁹ operations a second of one core: {speeds}"}


def share_of_peak(tokens: int, processor_s: float, about: dict[str, Any]) -> dict[str, float]:
    """How near embedding comes to what the machine can multiply: operations a token × tokens a second of one core, as a
    share of the fastest matrix product in each number form. `about` is what `machine` gives."""
    speed = OPERATIONS_A_TOKEN * tokens / processor_s / 1e9
    return {name: round(speed / peak, 3) for name, peak in about["gops"].items()}


def limit_words(what: str, tokens: int, processor_s: float, about: dict[str, Any]) -> str:
    """The same in a sentence."""
    shares = share_of_peak(tokens, processor_s, about)
    form = _FORMS.get(about["engine"], "fp32")
    others = ", ".join(f"{share:.0%} of {name}" for name, share in shares.items() if name != form)
    microseconds = processor_s / tokens * 1e6
    return (
        f"{what}: {microseconds:.0f} µs a token, {OPERATIONS_A_TOKEN / 1e6:.1f} million operations in its maps: "
        f"{shares[form]:.0%} of the peak in {form} ({others})"
    )


def matrix_products() -> dict[str, float]:
    """Number form → 10⁹ operations a second of one core: a product of square matrices by PyTorch, the best of several.

    By the processor's time, so that other work on the machine hardly counts.
    """
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
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for name, work in works.items():
            work()
            best = min(_seconds(work) for _ in range(7))
            found[name] = round(2 * _SIZE**3 / best / 1e9, 1)
    finally:
        torch.set_num_threads(threads)
    return found


def _seconds(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
