"""A recipe's files from an address, once: fetched beside, compared with their checksums, then renamed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

from textdis.core.errors import UserError

PIECE, PATIENCE = 1 << 20, 30  # bytes at a time; seconds to wait for some


def is_url(root: str | Path) -> bool:
    return isinstance(root, str) and root.startswith(("http://", "https://"))


def fetch(name: str, files: Mapping[str, str | None], url: str) -> Path:
    """The folder in the cache that holds all `files` of the recipe `name`, those missing fetched from below `url`.

    files: name -> sha256. Raises UserError: no connection, no such file, another content; what is there by then stays.
    """
    folder = cache() / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, expected in files.items():
        if not (folder / file).is_file():
            _fetch(f"{url.rstrip('/')}/{quote(file)}", folder / file, expected)
    return folder


def cache() -> Path:
    """`TEXTDIS_CACHE`, else `~/.cache/textdis`."""
    return Path(os.environ.get("TEXTDIS_CACHE") or Path.home() / ".cache" / "textdis")


def _fetch(address: str, path: Path, expected: str | None) -> None:
    beside, digest = path.with_name(f"{path.name}.{os.getpid()}.part"), hashlib.sha256()
    try:
        with urlopen(address, timeout=PATIENCE) as answer, beside.open("wb") as file:
            while piece := answer.read(PIECE):
                digest.update(piece)
                file.write(piece)
        if expected and digest.hexdigest() != expected:
            found = f"sha256 is {digest.hexdigest()[:12]}..., not {expected[:12]}..."
            raise UserError(f"{address}: {found}; it is not the file this recipe was written for")
        beside.replace(path)
    except HTTPError as error:
        raise UserError(f"{address}: the server answers {error.code}; give the address of their folder") from None
    except OSError as error:
        reason = getattr(error, "reason", None) or error
        advice = f"check the connection, or put the file into {path.parent} yourself"
        raise UserError(f"{address}: cannot be fetched ({reason}); {advice}") from None
    finally:
        beside.unlink(missing_ok=True)
