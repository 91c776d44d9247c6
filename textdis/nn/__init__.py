"""Layers: tensors in, tensors out. Nothing here knows a system, a loss or a data set."""
