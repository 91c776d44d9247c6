import re

from textdis.evaluation.plots import curves


def test_names_that_would_cover_each_other_stand_one_below_the_other():
    def apart(second):
        text = curves({"one": [(0.0, 0.0, ""), (10.0, 10.0, "")], "two": [second, (10.0, 8.0, "")]}, [], ("x", "y"))
        heights = [float(re.search(rf'y="([\d.]+)"[^>]*>{name}<', text)[1]) for name in ("one", "two")]
        return heights[1] - heights[0]

    assert apart((0.1, 0.05, "")) > 8 > apart((9.0, 0.05, ""))
