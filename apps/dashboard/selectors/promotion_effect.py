"""The right half of the promotion page: what a promotion does, offer by offer, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.common.formatting import join_words
from apps.common.money import Money
from apps.compliance.promoting.simulating import Outcome, Simulation
from apps.compliance.publishing.sentences import line_label
from apps.promotions.pricing import reasons
from apps.promotions.pricing.contexts import Context
from apps.promotions.pricing.worst_case import FILLER, Worst

SHOWN = 30


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One offer: prices and what is kept, the worst case in words, and what stands in the way."""

    outcome: Outcome
    names: Mapping[str, str]

    @property
    def now(self) -> Money:
        """The price now."""
        return self._money(self.outcome.now)

    @property
    def new(self) -> Money | None:
        """The new price of a unit."""
        return None if self.outcome.new is None else self._money(self.outcome.new.unit_paid)

    @property
    def lowest(self) -> Money | None:
        """The lowest price of 30 days."""
        return None if self.outcome.lowest is None else self._money(self.outcome.lowest)

    @property
    def worst_price(self) -> Money:
        """The lowest price a unit can leave at."""
        return self._money(self.outcome.worst.unit_paid)

    @property
    def is_worse(self) -> bool:
        """Whether it can meet something that leaves less than it does alone."""
        kept = self.outcome.kept_new
        return kept is None or self.outcome.kept_worst.minor < kept.minor

    @property
    def stack(self) -> str:
        """The promotions that make up the worst case."""
        return join_words(self.names.get(one.promotion, "") for one in self.outcome.worst.taken)

    @property
    def situation(self) -> str:
        """In which cart the worst case happens."""
        return join_words(_situation(self.outcome.worst))

    @property
    def unknown(self) -> str:
        """The lines of the waterfall that are not known."""
        return join_words(line_label(code, "") for code in self.outcome.unknown)

    @property
    def cannot_announce(self) -> bool:
        """Whether the new price may not be shown as a reduction."""
        found = self.outcome
        return found.is_announced and found.new is not None and not found.is_reduction

    @property
    def conflicts(self) -> list[str]:
        """What stands aside for what, in words."""
        return [
            _CONFLICTS[one.code]
            % {"loser": self.names.get(one.loser, ""), "winner": self.names.get(one.winner, "")}
            for one in self.outcome.conflicts
        ]

    def _money(self, minor: int) -> Money:
        return Money.from_minor(minor, self.outcome.currency)


class _Words(dict[str, str]):
    """Sentences by code, in the language of the page."""

    def __missing__(self, code: str) -> str:
        return {
            reasons.BETTER_PRICE: _("“%(winner)s” gives a lower price than “%(loser)s”."),
            reasons.BETTER_IN_GROUP: _("“%(winner)s” is the better one of its group."),
            reasons.EXCLUDED_BY: _("“%(loser)s” cannot be combined with “%(winner)s”."),
            reasons.REPLACED_BY: _("“%(winner)s” takes the place of the codes of “%(loser)s”."),
        }[code]


_CONFLICTS = _Words()


@dataclass(frozen=True, slots=True)
class Effect:
    """The whole effect: offers with the worst first, and what was left out."""

    simulation: Simulation
    rows: tuple[EffectRow, ...]

    @property
    def losses(self) -> int:
        """How many offers can lose money."""
        return len(self.simulation.losses)

    @property
    def more(self) -> int:
        """How many offers are not shown."""
        return max(self.simulation.total - len(self.rows), 0)

    @property
    def is_complete(self) -> bool:
        """Whether every offer and case was looked at."""
        return self.simulation.is_complete

    @property
    def conflicts(self) -> list[str]:
        """Every conflict once."""
        return list(dict.fromkeys(one for row in self.rows for one in row.conflicts))

    @property
    def never(self) -> int:
        """On how many offers the promotion never applies."""
        return sum(row.new is None for row in self.rows)


def effect_of(simulation: Simulation) -> Effect:
    """Return a simulation as the page shows it, what keeps least first."""
    ranked: Sequence[Outcome] = sorted(
        simulation.outcomes, key=lambda one: (not one.is_loss, one.kept_worst.amount)
    )
    return Effect(simulation, tuple(EffectRow(one, simulation.names) for one in ranked[:SHOWN]))


def _situation(worst: Worst) -> Iterator[str]:
    if worst.quantity > 1:
        yield _("%(count)s units") % {"count": worst.quantity}
    for sku, count in worst.others:
        if sku == FILLER:
            yield _("with other goods")
        else:
            yield _("with %(count)s × %(sku)s") % {"count": count, "sku": sku}
    yield from _context(worst.context)
    if worst.is_at_floor:
        yield _("stopped at the lowest price")


def _context(context: Context) -> Iterator[str]:
    if context.codes:
        yield _("codes entered")
    if context.channel:
        yield _("through %(name)s") % {"name": context.channel}
    if context.content:
        yield _("in %(name)s") % {"name": context.content}
    if context.country:
        yield _("to %(name)s") % {"name": context.country}
    if context.is_follower:
        yield _("a follower")
    if context.orders == 0:
        yield _("a first order")
    if context.tags:
        yield _("a buyer tagged %(names)s") % {"names": join_words(context.tags)}
