"""Words that hide letters behind signs: f***ing, a$$hole, sh!t, s***. A model that is shown "f" mends it to a grade."""

from __future__ import annotations

import re

_LETTER, _SIGNS = r"[^\W\d_]", r"(?:[*@#$%&]{2,}|[$#])"
_BEFORE = r"(?:bull|dumb|bad-?|jack|smart)?(?:fu?|sh?|bi?|a|c[ru]?|da?|p)|bull"  # no words, which may be in **bold**
_EXCLAIMING = r"(?:bull|horse)?sh!t|b!tch|d!ck|p!ss"
MASKED = (  # of two long words with stars between them (food***service) each is its own
    rf"(?:{_LETTER}{{1,2}}{_SIGNS}{_LETTER}\w*|{_LETTER}++{_SIGNS}(?:{_LETTER}{{1,2}}|ing|hole)(?!\w)"
    rf"|(?:{_EXCLAIMING}|(?:bull|horse)?\$hit)\w*|(?:{_BEFORE})[*$]{{2,}}+(?!\w))"
)
HIDING_THE_END = re.compile(_BEFORE)  # in model text, where stars follow at once
NO_END = re.compile(rf"\b(?:{_EXCLAIMING})", re.IGNORECASE)  # the ! of which ends no sentence
