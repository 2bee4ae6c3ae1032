"""What goes into the packer and what comes out. Lengths in mm, masses in grams."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """``quantity`` equal pieces; ``keep_upright`` forbids every turn but the one on the floor."""

    key: str
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    quantity: int = 1
    keep_upright: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A kind of box, of which there are as many as needed; ``max_gross_g`` includes the box."""

    key: str
    inner_length_mm: int
    inner_width_mm: int
    inner_height_mm: int
    outer_length_mm: int
    outer_width_mm: int
    outer_height_mm: int
    tare_g: int
    max_gross_g: int

    @property
    def inner_volume_mm3(self) -> int:
        """Return what it holds in mm³."""
        return self.inner_length_mm * self.inner_width_mm * self.inner_height_mm

    @property
    def outer_volume_mm3(self) -> int:
        """Return the room it takes in mm³."""
        return self.outer_length_mm * self.outer_width_mm * self.outer_height_mm

    @property
    def max_net_g(self) -> int:
        """Return the mass of goods it may hold."""
        return self.max_gross_g - self.tare_g


@dataclass(frozen=True, slots=True)
class Placement:
    """One piece in a box: its corner nearest to the origin, and its sides as it lies there."""

    key: str
    x_mm: int
    y_mm: int
    z_mm: int
    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class PackedBox:
    """A box with its pieces in the order in which they go in, and its mass with them."""

    box: Box
    placements: tuple[Placement, ...]
    gross_g: int


class DoesNotFit(Exception):  # noqa: N818 - reads as the answer it is
    """No box takes a single piece of an item; ``reason`` is ``size``, ``weight`` or ``no_box``."""

    def __init__(self, key: str, reason: str) -> None:
        """Keep the item and the reason."""
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason
