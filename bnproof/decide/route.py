"""The way from a parameter's layer through the layers of a chain: what is passed, and which blocks are left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..chain.kinds import KINDS, Along, Kind, stores, together
from ..chain.shapes import Place, walk
from ..modes import Mode

BATCH: tuple[Along, ...] = ("batch", "positions")
"""What batch normalisation averages together."""
Layers = Mapping[str, Place]
"""The layers of a chain by name, in reading order; nothing where a program has none that are known."""


@dataclass(frozen=True)
class Stop:
    """A layer on the way; or, where `leaves`, the block at whose end the way comes out of one of its branches."""

    place: Place
    leaves: bool = False

    @property
    def kind(self) -> Kind:
        """What the layer is."""
        return KINDS[self.place.layer.token]


def own_layer(layers: Layers, parameter: str) -> Place | None:
    """The layer that a parameter belongs to, by its name; None if none is known."""
    parts = parameter.split(".")
    names = (".".join(parts[:k]) for k in range(len(parts) - 1, 0, -1))
    return next((layers[name] for name in names if name in layers), None)


def onward(layers: Layers, start: Place) -> tuple[Stop, ...]:
    """All stops after a layer, to the end of the chain; a block that is passed is one stop, and so is one that is left."""
    nested = {inside.name for place in layers.values() for branch in place.branches for inside in branch}
    return tuple(_after(tuple(place for place in layers.values() if place.name not in nested), start.name) or ())


def between(layers: Layers, start: Place, end: Place) -> tuple[Stop, ...] | None:
    """The stops after one layer and before another; None if the way does not lead there."""
    passed: list[Stop] = []
    for stop in onward(layers, start):
        if stop.place.name == end.name:
            return tuple(passed)
        if not stop.leaves:
            for branch in stop.place.branches:
                inside = _before(branch, end.name)
                if inside is not None:
                    return (*passed, *inside)
        passed.append(stop)
    return None


def unaltered(stop: Stop, mode: Mode) -> bool:
    """Whether every entry passes the stop as it is, in this mode."""
    arguments = stop.place.layer.arguments
    idle = stop.kind.role == "random" and (mode != "train" or arguments["p"] == 0)
    straight = stop.kind.curve == "leaky" and arguments.get("a") == 1  # two pieces of slope 1
    return stop.kind.keeps or idle or straight


def altered(stops: Sequence[Stop], mode: Mode) -> tuple[Stop, ...]:
    """The stops without those that every entry passes as it is."""
    return tuple(stop for stop in stops if not unaltered(stop, mode))


def by_batch(place: Place, mode: Mode) -> bool:
    """Whether a normalisation takes its statistics from the values it is given, in this mode, not from stored ones."""
    return KINDS[place.layer.token].role == "normalisation" and (mode == "train" or not stores(place.layer))


def is_batch_norm(place: Place, mode: Mode) -> bool:
    """Whether a layer subtracts the mean over batch and positions, of the values it is given, and adds nothing of it back."""
    kind = KINDS[place.layer.token]
    return kind.centred and not kind.corrected and together(place.layer) == BATCH and by_batch(place, mode)


def all_inside(stops: Sequence[Stop]) -> Iterator[Place]:
    """The layers of these stops, blocks before the layers in them."""
    for stop in stops:
        yield from (stop.place,) if stop.leaves else walk((stop.place,))


def _after(places: tuple[Place, ...], name: str) -> list[Stop] | None:
    for k, place in enumerate(places):
        rest = [Stop(later) for later in places[k + 1 :]]
        if place.name == name:
            return rest
        for branch in place.branches:
            inside = _after(branch, name)
            if inside is not None:
                return [*inside, Stop(place, leaves=True), *rest]
    return None


def _before(places: tuple[Place, ...], name: str) -> list[Stop] | None:
    for k, place in enumerate(places):
        earlier = [Stop(before) for before in places[:k]]
        if place.name == name:
            return earlier
        for branch in place.branches:
            inside = _before(branch, name)
            if inside is not None:
                return [*earlier, *inside]
    return None
