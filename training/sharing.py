"""Training in several processes of one thread each: the same parameters everywhere, gradients averaged each step.

On a busy machine two threads of one process wait for each other at every matrix product; two processes once a step.
It knows nothing of what is trained.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import torch
from torch import distributed

_RANK = "BAYCASE_TRAINING_RANK"
_MEETING = "BAYCASE_TRAINING_MEETING"


class Workers:
    """This process among `count`; the first starts the others with its own command line."""

    def __init__(self, count: int, arguments: Sequence[str]) -> None:
        self.count = count
        self.rank = int(os.environ.get(_RANK, "0"))
        self._others: list[subprocess.Popen[bytes]] = []
        if count == 1:
            return
        meeting = os.environ.get(_MEETING) or str(Path(tempfile.mkdtemp()) / "meeting")
        if self.rank == 0:
            for rank in range(1, count):
                environment = {**os.environ, _RANK: str(rank), _MEETING: meeting}
                command = [sys.executable, "-m", "baycase.training.reader", *arguments]
                self._others.append(subprocess.Popen(command, env=environment, start_new_session=True))
        distributed.init_process_group(
            "gloo", init_method=f"file://{meeting}", rank=self.rank, world_size=count, timeout=timedelta(minutes=30)
        )

    @property
    def first(self) -> bool:
        return self.rank == 0

    def average(self, parameters: Sequence[torch.nn.Parameter], word: float) -> float:
        """Averages the gradients in place; gives every process the first one's `word`."""
        if self.count == 1:
            return word
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        flat = torch.cat([g.flatten() for g in gradients] + [torch.tensor([word * self.count if self.first else 0.0])])
        distributed.all_reduce(flat)
        flat /= self.count
        begin = 0
        for parameter, gradient in zip(parameters, gradients, strict=True):
            end = begin + gradient.numel()
            parameter.grad = flat[begin:end].view_as(gradient)
            begin = end
        return float(flat[-1])

    def close(self) -> None:
        """Waits for the others to end."""
        if self.count > 1:
            distributed.destroy_process_group()
        for other in self._others:
            other.wait()
