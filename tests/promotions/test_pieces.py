"""Discounts cut into pieces: what each unit carries, as a refund or a split order needs it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from hypothesis import given, settings

from apps.promotions.pricing.pieces import Piece
from apps.promotions.pricing.program import compile_program
from tests.promotions.carts import any_rows, cart_of, carts, line_of


@given(any_rows(), carts())
@settings(max_examples=100, deadline=None)
def test_the_pieces_are_what_the_units_carry(rows, cart):
    # As in an order: positions count from 1.
    cart = replace(
        cart, lines=tuple(replace(line, position=line.position + 1) for line in cart.lines)
    )
    quote = compile_program(rows, market="GB", currency="GBP").quote(cart)
    carried: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for piece in quote.pieces:
        assert piece.amount % piece.units == 0
        assert 0 <= piece.platform <= piece.amount
        for unit in range(piece.first_unit, piece.first_unit + piece.units):
            carried[piece.position, unit][piece.promotion] = piece.amount // piece.units

    places: dict[int, int] = defaultdict(int)
    for unit in quote.units:
        told: dict[str, int] = defaultdict(int)
        for promotion, amount in unit.discounts:
            told[promotion] += amount
        assert carried[unit.position, places[unit.position]] == told
        places[unit.position] += 1


@given(any_rows(), carts())
@settings(max_examples=100, deadline=None)
def test_the_pieces_of_a_promotion_are_what_it_gave(rows, cart):
    quote = compile_program(rows, market="GB", currency="GBP").quote(cart)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for piece in quote.pieces:
        sums[piece.promotion][0] += piece.amount
        sums[piece.promotion][1] += piece.platform
    told = {
        one.promotion: [one.goods + one.shipping, one.platform]
        for one in quote.applied
        if one.goods + one.shipping
    }
    assert dict(sums) == told


def test_odd_cents_are_pieces_of_their_own():
    rows = [
        {"id": "a", "kind": "order_discount", "currency": "GBP", "value": {"amount": 100}},
        {"id": "b", "kind": "shipping", "value": {"percent": "50"}},
    ]
    cart = cart_of(line_of("x", 1000, 3, position=1), shipping=500)
    quote = compile_program(rows, market="GB", currency="GBP").quote(cart)
    assert quote.pieces == (
        Piece("a", 1, 0, 1, 34, 0),
        Piece("a", 1, 1, 2, 66, 0),
        Piece("b", 0, 0, 1, 250, 0),
    )
