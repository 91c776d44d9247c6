"""Freed memory that is kept for the next use, on a processor.

glibc gives each block above a size back to the system when it is freed, and its pages are asked for and zeroed anew
with the next of that size. A training step frees and asks for the same large blocks again and again.
"""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of mallopt(3)
LARGEST = (1 << 30, 1 << 25)  # bytes of a block that is kept; an older glibc takes no more than 32 MB


def keep_freed_memory() -> bool:
    """Has this process keep what it frees, up to its own peak, in blocks of up to 1 GB. False: no glibc, no change."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, another system
        return False
    return bool(mallopt(TRIM_THRESHOLD, -1)) and any(mallopt(MMAP_THRESHOLD, size) for size in LARGEST)
