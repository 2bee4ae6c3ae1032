"""Why a cart cost what it cost: what a quote says, as it is stored with an order and told later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from apps.promotions.pricing import reasons
from apps.promotions.pricing.quote import Applied, CodeAnswer, Gift, Reason, Step
from apps.promotions.sentences import explain_reason


@dataclass(frozen=True, slots=True)
class Named:
    """A promotion as it was called, and its version."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The totals, what each promotion gave, why others gave nothing, and the arithmetic.

    ``goods_minor`` and ``shipping_minor`` are before promotions. ``program`` is the version of the
    merchant's promotions in the market; empty where there were none. ``promotions`` are by public id.
    """

    program: str
    currency: str
    zone: str
    goods_minor: int
    shipping_minor: int
    goods_discount_minor: int
    shipping_discount_minor: int
    promotions: Mapping[str, Named]
    applied: tuple[Applied, ...]
    gifts: tuple[Gift, ...]
    reasons: tuple[Reason, ...]
    codes: tuple[CodeAnswer, ...]
    trace: tuple[Step, ...]

    @property
    def discount_minor(self) -> int:
        """Everything that was taken off."""
        return self.goods_discount_minor + self.shipping_discount_minor

    @property
    def total_minor(self) -> int:
        """What the buyer pays."""
        return self.goods_minor + self.shipping_minor - self.discount_minor

    @property
    def names(self) -> dict[str, str]:
        """The names of the promotions by public id."""
        return {ident: named.name for ident, named in self.promotions.items()}

    def tell(self, reason: Reason) -> str:
        """Return the sentence of a reason in the reader's language."""
        zone = ZoneInfo(self.zone)
        return explain_reason(reason, currency=self.currency, zone=zone, names=self.names)

    def tell_code(self, answer: CodeAnswer) -> str:
        """Return why a code gave nothing; empty for one that gave something."""
        if not answer.reason:
            return ""
        for reason in self.reasons:
            if reason.promotion in answer.promotions and reason.code == answer.reason:
                return self.tell(reason)
        return self.tell(Reason("", answer.reason, {"code": answer.code}, is_partial=False))

    def as_json(self) -> dict[str, Any]:
        """Return the compact form that is stored: promotions once, then rows that count them."""
        place = {ident: number for number, ident in enumerate(self.promotions)}
        return {
            "program": self.program,
            "currency": self.currency,
            "zone": self.zone,
            "goods": [self.goods_minor, self.goods_discount_minor],
            "shipping": [self.shipping_minor, self.shipping_discount_minor],
            "promotions": [[key, one.name, one.version] for key, one in self.promotions.items()],
            "applied": [[place[one.promotion], *one[1:]] for one in self.applied],
            "gifts": [[place[one.promotion], *one[1:]] for one in self.gifts],
            "reasons": [
                [place[one.promotion], one.code, list(one.parameters.values())]
                for one in self.reasons
            ],
            "codes": [
                [one.code, [place[ident] for ident in one.promotions if ident in place], one.reason]
                for one in self.codes
            ],
            "trace": [[place[one.promotion], *one[1:]] for one in self.trace],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Explanation:
        """Return what ``as_json`` stored."""
        idents = [row[0] for row in stored["promotions"]]
        return cls(
            program=stored["program"],
            currency=stored["currency"],
            zone=stored["zone"],
            goods_minor=stored["goods"][0],
            goods_discount_minor=stored["goods"][1],
            shipping_minor=stored["shipping"][0],
            shipping_discount_minor=stored["shipping"][1],
            promotions={key: Named(name, version) for key, name, version in stored["promotions"]},
            applied=tuple(Applied(idents[at], *rest) for at, *rest in stored["applied"]),
            gifts=tuple(Gift(idents[at], *rest) for at, *rest in stored["gifts"]),
            reasons=tuple(_reason(idents[at], *rest) for at, *rest in stored["reasons"]),
            codes=tuple(
                CodeAnswer(code, tuple(idents[at] for at in places), reason)
                for code, places, reason in stored["codes"]
            ),
            trace=tuple(Step(idents[at], *rest) for at, *rest in stored["trace"]),
        )


def _reason(ident: str, code: str, values: Sequence[Any]) -> Reason:
    plain = [tuple(value) if isinstance(value, list) else value for value in values]
    parameters = dict(zip(reasons.PARAMETERS[code], plain, strict=True))
    return Reason(ident, code, parameters, code in reasons.PARTIAL)
