"""Made-up reviews for the benchmarks: lines of 4 to 15 words from a small grammar, no two alike."""

from __future__ import annotations

import random
import re

THINGS = (
    "food", "pizza", "service", "staff", "room", "patio", "coffee", "soup",
    "salad", "burger", "waiter", "haircut", "bed", "breakfast", "music", "owner",
)  # fmt: skip
STYLES = (
    ["great", "friendly", "delicious", "clean", "fresh", "amazing", "wonderful", "quick", "helpful", "perfect", "cozy"],
    ["awful", "rude", "bland", "dirty", "stale", "terrible", "horrible", "slow", "useless", "cold", "noisy", "greasy"],
)
DEGREES = ["really", "so", "always", "just", "very", "quite", "absolutely"]
NAMES = ["Danielle", "Luis", "Marta", "Kevin", "Priya", "Tom", "Aisha", "Joe", "Ingrid", "Carlos", "Mei", "Olga"]
TOWNS = ["Phoenix", "Tempe", "Mesa", "Henderson", "Scottsdale", "Chandler", "Madison"]
OPENINGS = ("", "", "Honestly, ", "On Monday ", "In {town} ", "{name} says ", "As always ", "Today, ")
CORES = (
    "the {thing} was {degree} {style}",
    "their {thing} is {degree} {style}",
    "we found the {thing} {degree} {style}",
)
TAILS = ("", "", " and {also}", " for ${price}", " after {number} minutes", " at their {town} place", " with {name}")
ENDS = (".", ".", ".", "!", "!!")


def reviews(count: int, seed: int = 0) -> list[str]:
    """`count` lines that differ in more than numbers: a pipeline may treat equal sentences only once."""
    draw, lines = random.Random(seed), dict[str, str]()
    while len(lines) < count:
        line = _review(draw)
        lines.setdefault(re.sub(r"\d+", "0", line), line)
    return list(lines.values())


def _review(draw: random.Random) -> str:
    style, also = draw.sample(draw.choice(STYLES), 2)
    pattern = "".join(draw.choice(part) for part in (OPENINGS, CORES, TAILS, ENDS))
    line = pattern.format(
        thing=draw.choice(THINGS),
        style=style,
        also=also,
        degree=draw.choice(DEGREES),
        name=draw.choice(NAMES),
        town=draw.choice(TOWNS),
        price=f"{draw.randint(2, 99)}.{draw.randint(0, 99):02}",
        number=draw.randint(2, 99),
    )
    return line[0].upper() + line[1:]
