"""Models of the transformers library as judges, by folder or by name on the hub.

judges = Judges.load("yelp")
judges = judges.with_style("roberta", TransformersClassifier("my/roberta", judges.labels), HeldOut(texts, labels))
judges = judges.with_language(TransformersLanguageModel("my/gpt2"), texts)      # real held-out sentences

Weights are read from safetensors, never from a pickle, and run in float32. No text is cut: one longer than the model
reads is refused. Axes: B texts of a batch, T tokens, N texts, S styles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from textdis.core.errors import UserError
from textdis.core.hub import fetched
from textdis.evaluation.protocols import SentenceNLL

UNLIMITED = 10**6  # tokens; tokenizers without a limit of their own give a huge number


def as_it_is(text: str) -> str:
    return text


class TransformersJudge:
    """A model, its tokenizer, and batches of texts of similar length.

    prepare: turns model text (`it 's great .`) into the spelling that the model was trained on.
    """

    Auto: str  # the class of the transformers library that opens such a model

    def __init__(
        self,
        name: str | Path,
        *,
        prepare: Callable[[str], str] = as_it_is,
        batch_size: int = 32,
        device: str = "auto",
    ):
        """Raises UserError: no such folder or name, offline, weights that are no safetensors."""
        import transformers

        folder = _folder(str(name))
        _refuse_pickles(folder)
        self.name, self.prepare, self.batch_size = str(name), prepare, batch_size
        options: dict[str, Any] = {"use_safetensors": True, "dtype": torch.float32}
        self.tokenizer = _opened(transformers.AutoTokenizer, folder)
        self.model = _opened(getattr(transformers, self.Auto), folder, **options).eval()
        self.device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        self.model.to(self.device)

    @property
    def config(self) -> Any:
        return self.model.config

    @property
    def fingerprint(self) -> str:
        """Changes with weights, configuration and vocabulary."""
        config = {key: value for key, value in self.config.to_dict().items() if not key.startswith("_")}
        digest = hashlib.sha256(repr((sorted(self.tokenizer.get_vocab().items()), config)).encode())
        for name, weights in self.model.state_dict().items():
            digest.update(name.encode() + weights.cpu().contiguous().view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()[:16]

    def _batches(self, rows: Sequence[list[int]]) -> Iterator[tuple[np.ndarray, torch.Tensor, torch.Tensor]]:
        """(row numbers [B], ids [B, T], where they are not padding [B, T]), short rows first; none without a token."""
        self._refuse_long(rows)
        pad = self.config.pad_token_id if self.config.pad_token_id is not None else self.tokenizer.pad_token_id
        size = self.batch_size if pad is not None else 1  # some models find the last token by the padding
        order = np.array(sorted((i for i, row in enumerate(rows) if row), key=lambda i: len(rows[i])), int)
        for start in range(0, len(order), size):
            numbers = order[start : start + size]
            texts = [torch.tensor(rows[i]) for i in numbers]
            ids = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True, padding_value=pad or 0)
            lengths = torch.tensor([len(text) for text in texts])
            yield numbers, ids.to(self.device), (torch.arange(ids.shape[1]) < lengths[:, None]).to(self.device)

    def _refuse_long(self, rows: Sequence[list[int]]) -> None:
        limits = (self.tokenizer.model_max_length, getattr(self.config, "max_position_embeddings", None))
        longest = min(limit for limit in (*limits, UNLIMITED) if limit)
        for number, row in enumerate(rows, 1):
            if len(row) > longest:
                what = f"text {number} has {len(row):,} tokens, more than the {longest:,} that {self.name} reads"
                raise UserError(f"{what}; judge it by sentences")


class TransformersClassifier(TransformersJudge):
    """p(style | text) by a sequence classifier whose labels are named as ours are, in any case and order.

    labels: names of our styles in their order (`Judges.labels`). order: our name of each of its outputs, in its order,
    for a model whose own names (`LABEL_0`) say nothing. Raises UserError for other or more labels.
    """

    Auto = "AutoModelForSequenceClassification"

    def __init__(self, name: str | Path, labels: Sequence[str], *, order: Sequence[str] | None = None, **options: Any):
        super().__init__(name, **options)
        own = [str(self.config.id2label[i]) for i in range(self.config.num_labels)]
        named = [label.casefold() for label in order or own]
        if len(named) != len(own) or sorted(named) != sorted(label.casefold() for label in labels):
            what = f"{name}: tells {', '.join(own)}, not {', '.join(labels)}"
            raise UserError(f"{what}; name its outputs with order=[...], or take a model of these styles")
        self.columns = [named.index(label.casefold()) for label in labels]

    @torch.inference_mode()
    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """[N, S]"""
        rows = [self.tokenizer(self.prepare(text), truncation=False)["input_ids"] for text in texts]
        found = np.full((len(texts), len(self.columns)), 1 / len(self.columns))
        for numbers, ids, mask in self._batches(rows):
            logits = self.model(input_ids=ids, attention_mask=mask.long()).logits
            found[numbers] = logits.double().softmax(-1)[:, self.columns].cpu().numpy()
        return found


class TransformersLanguageModel(TransformersJudge):
    """-log p(text) by a causal language model, per token of its own tokenizer.

    Each text follows the model's token for a beginning (GPT-2 has one for both ends) and is followed by the one for
    the end, which counts (`SentenceNLL.ends`) where the model has one. Tokens are pieces of words, so compare a
    perplexity with that of real text by the same model (`Judges.held_out`), never with that of another.
    Raises UserError for a model without either token.
    """

    Auto = "AutoModelForCausalLM"

    def __init__(self, name: str | Path, **options: Any):
        super().__init__(name, **options)
        self.end = self.tokenizer.eos_token_id
        self.begin = self.tokenizer.bos_token_id if self.tokenizer.bos_token_id is not None else self.end
        if self.begin is None:
            raise UserError(f"{name}: has no token that begins a text, so its first word has no probability")

    @torch.inference_mode()
    def nll(self, texts: Sequence[str]) -> SentenceNLL:
        words = [
            self.tokenizer(self.prepare(text), add_special_tokens=False, truncation=False)["input_ids"]
            for text in texts
        ]
        rows = [[self.begin, *row, *([] if self.end is None else [self.end])] for row in words]
        nats = np.zeros(len(texts))
        for numbers, ids, mask in self._batches(rows):
            logits = self.model(input_ids=ids, attention_mask=mask.long()).logits[:, :-1]  # [B, T - 1, V]
            lost = F.cross_entropy(logits.float().transpose(1, 2), ids[:, 1:], reduction="none")
            nats[numbers] = (lost * mask[:, 1:]).double().sum(-1).cpu().numpy()
        unknown = np.array([row.count(self.tokenizer.unk_token_id) for row in words], int)
        return SentenceNLL(nats, np.array([len(row) - 1 for row in rows], int), unknown, ends=self.end is not None)


def _folder(name: str) -> Path:
    """The folder of that name, or the hub's: given a name, transformers tries for a minute where no network is."""
    folder = f"give a folder (where there is a network, hf download {name} fetches one)"
    return Path(name) if Path(name).is_dir() else fetched(name, folder, also=["*.txt"])


def _refuse_pickles(folder: Path) -> None:
    if not any(folder.glob("*.safetensors")):
        found = [path.name for path in sorted(folder.iterdir()) if path.suffix in (".bin", ".pt", ".pth", ".ckpt")]
        what = f"{found[0]} is a pickle, which textdis never opens" if found else "no weights there"
        raise UserError(f"{folder}: {what}; give a folder with *.safetensors (save_pretrained writes them)")


def _opened(kind: Any, folder: Path, **options: Any) -> Any:
    try:
        return kind.from_pretrained(folder, **options)
    except (OSError, ValueError, ImportError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(
            f"{folder}: transformers cannot open it ({reason}); give a folder that save_pretrained wrote"
        ) from None
