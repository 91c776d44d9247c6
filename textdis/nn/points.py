"""Pictures drawn point by point: a pixel follows from its place and from a code. N pictures, C colours, P pixels.

A convolution learns a thing for each place anew; here one small network is asked at all places, as in compositional
pattern producing networks (Stanley, 2007) and CIPS (Anokhin et al., 2021), so that shapes are whole by nature.

- Places are first turned, stretched and moved as the code says, like the input of StyleGAN3 (Karras et al., 2021).
- Layers are modulated: the code scales each one's inputs and shifts its outputs (StyleGAN, Karras et al., 2019).
- A mask lays colours over a ground, as in VGAN's two streams (Vondrick et al., 2016); the ground is one learnt colour.
  The mask starts as a disc where the code says, which the network reshapes: what it draws is one thing, or of a piece.

The `told` numbers of the code, which come first, say what the colours are made of; the others say where things are.
Both together say all else. Nothing forbids colours to differ from place to place, or from code to code, unless they
are `flat`: then the told numbers alone say the one colour that a thing has.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2  # of leaky ReLU
LEAK, COVER_LEAK = 0.1, 0.005  # what is left of a gradient where a colour is saturated, and the mask
CLEAR = 8.0  # of the mask's logit: beyond it nothing is left
STRETCH = 2.0  # of places, which lie in [-1, 1], before training
DISC = (4.0, 120.0)  # the mask's logit at a distance r of its middle is 4 - 120 r^2, before training
EVEN = 0.1  # of what places say of colours: a gain, so that it is also learnt as much slower than what all places share
REACH = 0.9  # how far from the frame's middle a disc can have its own


class PointGenerator(nn.Module):
    """[N, told + others] -> [N, C, pixels, pixels], in [-1, 1] but for LEAK; clamp them in use.

    width: channels of the network that is asked at each place, of `layers` layers. hidden: units of the three networks
    that read the code. quiet: a gain on the others where they do not place things, so that the rest is learnt to
    change with them slowly: with 0 things change their place alone. flat: a picture's thing has one colour.
    """

    places: Tensor  # [2, P]: x and y in [-1, 1]
    heard: Tensor  # [C + 1, 1], gains of what colours and mask are mixed of

    def __init__(
        self, told: int, others: int, pixels: int, colours: int, width: int, hidden: int, layers: int = 3,
        quiet: float = 0.1, flat: bool = False,
    ):  # fmt: skip
        super().__init__()
        self.told, self.pixels, self.colours, self.quiet = told, pixels, colours, quiet
        self.all, self.content, self.motion = (reader(n, hidden) for n in (told + others, told, others))
        line = (torch.arange(pixels) + 0.5) * 2 / pixels - 1
        self.register_buffer("places", torch.stack(torch.meshgrid(line, line, indexing="xy")).flatten(1), False)
        gains = torch.tensor([EVEN] * colours + [1.0])[:, None]
        self.register_buffer("heard", gains * width**-0.5, False)
        self.place, self.turn, self.shift = nn.Linear(hidden, 2), nn.Linear(hidden, 4), nn.Linear(hidden, width)
        self.planes = nn.Parameter(F.normalize(torch.randn(width, 2)) * STRETCH)
        spread = (2 / width) ** 0.5
        self.weights = nn.ParameterList(torch.randn(width, width) * spread for _ in range(layers - 1))
        self.gains = nn.ModuleList(nn.Linear(hidden, 2 * width) for _ in range(layers - 1))
        self.paint, self.mask = nn.Linear(hidden, colours * (1 if flat else width + 1)), nn.Linear(hidden, width + 1)
        self.ground = nn.Parameter(-torch.ones(colours, 1))
        self.disc = nn.Parameter(torch.tensor(DISC))
        self._start()

    @torch.no_grad()
    def _start(self) -> None:
        """Round spots all over the frame, of a colour each: where a start is too bright, things die out at first."""
        self.place.weight.mul_(3)
        self.turn.weight.mul_(0.2)
        self.turn.bias.copy_(torch.eye(2).flatten())
        nn.init.normal_(self.shift.bias)
        self.mask.weight.mul_(0.1)
        nn.init.normal_(self.mask.bias, std=0.2)
        self.mask.bias[-1] = 0
        nn.init.zeros_(self.paint.bias)
        paint = self.paint.weight.view(self.colours, -1, self.paint.in_features)
        paint[:, -1] *= 3

    def forward(self, codes: Tensor) -> Tensor:
        told, others = codes[:, : self.told], codes[:, self.told :]
        both = self.all(torch.cat([told, self.quiet * others], 1))
        seen = self._moved(self.turn(both), self.place(self.motion(others)))
        h = torch.baddbmm(self.shift(both)[:, :, None], self.planes.expand(len(codes), -1, -1), seen)
        h = F.leaky_relu_(h, SLOPE)
        for weight, gain in zip(self.weights, self.gains, strict=True):
            scale, shift = gain(both)[:, :, None].chunk(2, 1)
            h = F.leaky_relu_(torch.baddbmm(shift, weight * (1 + scale.mT), h), SLOPE)
        spot = self.disc[0] - self.disc[1] * seen.square().sum(1, keepdim=True)
        return self._painted(h, spot, self.paint(self.content(told)), self.mask(both))

    def _moved(self, turn: Tensor, place: Tensor) -> Tensor:
        """Where each pixel is, as seen from `place` [N, 2] with `turn`ed axes [N, 4]. -> [N, 2, P]"""
        axes = turn.view(-1, 2, 2)
        middle = axes @ (REACH * torch.tanh(place))[:, :, None]
        return torch.baddbmm(-middle, axes, self.places.expand(len(turn), -1, -1))

    def _painted(self, h: Tensor, spot: Tensor, paint: Tensor, mask: Tensor) -> Tensor:
        """h [N, W, P], a logit spot [N, 1, P], weights and offsets of paint and mask -> [N, C, pixels, pixels]"""
        width = h.shape[1]
        paint = paint.unflatten(1, (self.colours, -1))
        paint = F.pad(paint, (width + 1 - paint.shape[2], 0))  # what is flat asks no place
        last = torch.cat([paint, mask[:, None]], 1)  # [N, C + 1, W + 1]
        drawn = torch.baddbmm(last[:, :, width:], last[:, :, :width] * self.heard, h)
        ink, cover = drawn.split([self.colours, 1], 1)
        cover = cover + spot
        ink = torch.tanh(ink) + LEAK * ink
        cover = torch.sigmoid(cover) + COVER_LEAK * cover.clamp(-CLEAR, CLEAR)
        return torch.addcmul(self.ground, cover, ink - self.ground).unflatten(2, (self.pixels, self.pixels))


def reader(numbers: int, hidden: int) -> nn.Sequential:
    """[N, numbers] -> [N, hidden]"""
    first, second = nn.Linear(numbers, hidden), nn.Linear(hidden, hidden)
    return nn.Sequential(first, nn.LeakyReLU(SLOPE), second, nn.LeakyReLU(SLOPE))
