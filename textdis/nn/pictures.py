"""DCGAN's networks for square pictures (Radford et al., 2015): to numbers and back. N pictures, C colours, D numbers.

A convolution before a batch norm has no bias, which the norm would take away again. Colours stand last in memory, and
activations overwrite what they are given: up to a quarter faster on a processor, and never slower.
"""

from __future__ import annotations

import re
from itertools import pairwise

import torch
from torch import Tensor, nn

from textdis.nn.halving import Double, Halve

SPREAD = 0.6  # standard deviation of what modulates a channel, before training
SMALLEST = 4  # pixels a side, where convolutions end and begin
BLOCK = 3  # layers that halve a side: convolution, norm, activation


def picture_encoder(pixels: int, colours: int, width: int, features: int) -> nn.Sequential:
    """[N, C, pixels, pixels] -> [N, features]: convolutions of stride 2 down to 4 x 4, one over what is left.

    width: channels after the first, doubled by each other. Raises ValueError: pixels is not 8, 16, 32, 64 ...
    """
    layers: list[nn.Module] = []
    sizes = channels(pixels, width)
    for before, after in pairwise([colours, *sizes]):
        layers += [
            Halve(before, after),
            nn.BatchNorm2d(after),
            nn.LeakyReLU(0.2, inplace=True),
        ]
    layers += [nn.Conv2d(sizes[-1], features, SMALLEST), nn.LeakyReLU(0.2), nn.Flatten()]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def picture_generator(numbers: int, pixels: int, colours: int, width: int) -> nn.Sequential:
    """[N, numbers] -> [N, C, pixels, pixels], nothing after the last layer; the way back through `picture_encoder`."""
    sizes = channels(pixels, width)[::-1]
    layers: list[nn.Module] = [nn.Unflatten(1, (numbers, 1, 1))]
    for i, (before, after) in enumerate(pairwise([numbers, *sizes])):
        grow = Double(before, after) if i else nn.ConvTranspose2d(before, after, SMALLEST, bias=False)
        layers += [grow, nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
    layers.append(nn.ConvTranspose2d(sizes[-1], colours, 4, 2, 1))
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def start_small(layers: nn.Module) -> None:
    """Weights of the convolutions that enlarge, in space or space and time, drawn anew as DCGAN's are."""
    for layer in layers.modules():
        if isinstance(layer, nn.ConvTranspose2d | nn.ConvTranspose3d):
            nn.init.normal_(layer.weight, std=0.02)


def inherit(large: nn.Module, small: nn.Module) -> list[str]:
    """Gives `large` the weights of `small`, a model of pictures of half the side, but for the outermost layers.

    Progressive growing (Karras et al., 2018), without fading in. Both have a `picture_encoder` as `encoder` and a
    `picture_generator` as `generator`, small's twice as wide; whatever else has a name and shape of its own in both is
    taken too. Returns the names of what is left as it was.
    """
    own, given = large.state_dict(), small.state_dict()
    known = {name: re.sub(r"^encoder\.(\d+)", lambda m: f"encoder.{int(m[1]) - BLOCK}", name) for name in own}
    taken = {name: given[old] for name, old in known.items() if old in given and given[old].shape == own[name].shape}
    large.load_state_dict(own | taken)
    return [name for name in own if name not in taken]


class Modulated(nn.Module):
    """A picture generator whose channels the first `told` numbers of a code scale and shift after each batch norm.

    Self-modulation (Chen et al., 2019). What a code says of all places alike, such as a colour, need then not be
    learnt for each place anew. [N, numbers] -> [N, C, pixels, pixels]
    """

    def __init__(self, layers: nn.Sequential, told: int):
        super().__init__()
        self.layers, self.told = layers, told
        norms = [layer for layer in layers if isinstance(layer, nn.BatchNorm2d)]
        gains = [nn.Linear(told, 2 * norm.num_features) for norm in norms]
        for gain in gains:
            nn.init.normal_(gain.weight, std=SPREAD * told**-0.5)
            nn.init.zeros_(gain.bias)
        self.gains = nn.ModuleList(gains)

    def forward(self, codes: Tensor) -> Tensor:
        x, told, gains = codes, codes[:, : self.told], iter(self.gains)
        for layer in self.layers:
            x = layer(x)
            if isinstance(layer, nn.BatchNorm2d):
                scale, shift = next(gains)(told)[:, :, None, None].chunk(2, 1)
                x = torch.addcmul(shift, x, 1 + scale)
        return x


def channels(pixels: int, width: int) -> list[int]:
    """Of the layers from the widest picture to 4 x 4. Raises ValueError: pixels is not 8, 16, 32, 64 ..."""
    halvings = pixels.bit_length() - SMALLEST.bit_length()
    if halvings < 1 or pixels != SMALLEST << halvings:
        raise ValueError(f"pictures of {pixels} pixels a side: it must be 8, 16, 32, 64, ...; resize them")
    return [width << i for i in range(halvings)]
