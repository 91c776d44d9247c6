"""One or several processes under torchrun, and the signals that stop them: nothing here knows of training.

Without torchrun every function is the identity. Batch norm statistics stay per process, and losses are averaged
over processes, so a loss that divides by its own token count weighs each process alike.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from textdis.core.errors import UserError

T = TypeVar("T")
DEVICES = ("auto", "cpu", "cuda")
HEARD: list[str] = []  # all signals that `stop_signals` collected, for whoever calls a run that ends in good order


def join(device: str) -> torch.device:
    """Joins torchrun's process group, where there is one; the device for this process ("auto": a GPU if any).

    Raises UserError: no such device, or CUDA was asked for and there is none.
    """
    if device.partition(":")[0] not in DEVICES:
        raise UserError(f"device {device!r}: no training runs on it; use {', '.join(DEVICES[:-1])} or {DEVICES[-1]}")
    if device not in {"auto", "cpu"} and not torch.cuda.is_available():
        raise UserError(f"device {device!r}: this machine has no usable GPU; use --device cpu")
    kind = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        if kind == "cuda":
            kind = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
            torch.cuda.set_device(kind)
        if not dist.is_initialized():
            dist.init_process_group("nccl" if kind.startswith("cuda") else "gloo")
    return torch.device(kind)


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def share() -> dict[str, Any]:
    """Which share of the batches is this process's, as `Batches` asks for it."""
    return {"rank": rank(), "world": world()}


@torch.no_grad()
def broadcast(module: nn.Module) -> None:
    """Gives every process the parameters and buffers of the first."""
    if world() > 1:
        for tensor in (*module.parameters(), *module.buffers()):
            dist.broadcast(tensor.data, 0)


@torch.no_grad()
def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replaces each gradient by its mean over processes, in one exchange.

    A missing gradient travels as zeros, so that all processes send the same size; where it is missing in all of
    them it stays missing, so that the optimiser leaves that parameter alone as a single process would.
    """
    if world() == 1:
        return
    parameters = list(parameters)
    parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    present = torch.tensor([float(p.grad is not None) for p in parameters], device=parts[0].device)
    flat = torch.cat([part.float().flatten() for part in parts] + [present])
    dist.all_reduce(flat)
    *means, present = flat.split([p.numel() for p in parameters] + [len(parameters)])
    for p, mean, seen in zip(parameters, means, present.tolist(), strict=True):
        p.grad = (mean / world()).view_as(p).to(p.dtype) if seen else None


def total(value: Tensor) -> Tensor:
    """The sum of `value` over processes."""
    if world() > 1:
        dist.all_reduce(value)
    return value


def any_of(flag: bool, device: torch.device) -> bool:
    """Whether `flag` holds in any process."""
    return bool(total(torch.tensor(float(flag), device=device))) if world() > 1 else flag


def gather(value: Any) -> list[Any]:
    """What each process holds, in order of rank."""
    if world() == 1:
        return [value]
    values: list[Any] = [None] * world()
    dist.all_gather_object(values, value)
    return values


def told(items: Iterator[T]) -> Iterator[T]:
    """What the first process goes through, in all of them: it alone does, and no exchange waits for more than one item.

    No item is None.
    """
    own = items if rank() == 0 else iter(())
    return iter(lambda: gather(next(own, None))[0], None)


@contextmanager
def stop_signals() -> Iterator[list[str]]:
    """Collects the names of SIGINT and SIGTERM instead of dying of them; a second one acts as usual."""
    seen: list[str] = []
    if threading.current_thread() is not threading.main_thread():
        yield seen
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, frame: Any) -> None:
        seen.append(signal.Signals(number).name)
        HEARD.append(seen[-1])
        restore()

    for number in before:
        signal.signal(number, note)
    try:
        yield seen
    finally:
        restore()
