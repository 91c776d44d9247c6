"""How a run is to go, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from textdis.core.errors import UserError


@dataclass(frozen=True)
class TrainerConfig:
    """How long, how often, where. Raises UserError on a value that cannot be."""

    steps: int  # of the objective, in all, counting those before a resume
    log_every: int = 50  # steps
    validate_every: int = 1000  # steps; the last step is validated too
    save_every: int = 1000  # steps; the last step is saved too
    accumulate: int = 1  # a player steps on every n-th of its turns, on loss / n
    device: str = "auto"  # auto | cpu | cuda | cuda:1
    precision: str = "auto"  # auto (float32 on a CPU, bf16 on a GPU) | float32 | bf16
    seed: int = 0  # of the training's randomness; process r of several has seed + r
    monitor: str | None = None  # a validation score, such as "model/nll"; None: the first turn's weighted total
    mode: str = "min"  # min | max: which scores are better
    patience: int | None = None  # validations without a better score before the run stops
    minutes: float | None = None  # of one call of `fit`, which then stops in good order, to be resumed

    def __post_init__(self) -> None:
        for name in ("log_every", "validate_every", "save_every", "accumulate", "patience"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UserError(f"{name}: must be at least 1, not {value}")
        for name, choices in (("precision", ("auto", "float32", "bf16")), ("mode", ("min", "max"))):
            if getattr(self, name) not in choices:
                raise UserError(f"{name}: must be one of {', '.join(choices)}, not {getattr(self, name)!r}")


@dataclass
class State:
    """Where a run stands."""

    step: int = 0  # steps done
    best: float | None = None  # the best monitored score
    scores: dict[str, float] = field(default_factory=dict)  # all scores of that validation
    stale: int = 0  # validations since
    validations: int = 0  # in all
    validated: int = 0  # step of the last one
    player: str = "model"  # of the first turn, whose losses `Objective.validate` gives
    weights: dict[str, float] = field(default_factory=dict)  # of that turn
