"""Judges fitted on real text, scores of rewritten text, their tables and pages.

from textdis.evaluation import compute
compute(predictions=outputs, sources=inputs, references=human)["self_bleu"]
"""

from textdis.evaluation.compute import compute

__all__ = ["compute"]
