"""The rows of one market compiled to closures and an index: the program that prices carts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from apps.promotions.pricing import reasons
from apps.promotions.pricing.cart import Cart
from apps.promotions.pricing.gates import Refusal, Setting, plain_code
from apps.promotions.pricing.index import index_rules, plain_terms
from apps.promotions.pricing.policy import Policy
from apps.promotions.pricing.quote import Quote
from apps.promotions.pricing.row_checks import Problem, PromotionRowError, check_row
from apps.promotions.pricing.rows import Row, text
from apps.promotions.pricing.rule import Rule, compile_rule, sequence_of
from apps.promotions.pricing.state import Run, State

DEFAULTS = Policy()
Touched = dict[int, list[Run]]


class Program:
    """Compiled promotions of one market and currency; immutable, ``quote`` may run in any thread.

    The index leads from the products, categories, brands, SKUs and tags of a cart to the promotions
    that name them, so that the cost of a quote follows the promotions that match it.
    """

    __slots__ = (
        "_by_number",
        "_has_exclusive",
        "_index",
        "_plain",
        "_refused",
        "_shown",
        "idents",
        "rules",
        "setting",
    )

    def __init__(
        self,
        setting: Setting,
        idents: Sequence[str],
        rules: Sequence[Rule],
        refused: Mapping[int, Refusal],
    ) -> None:
        """Put the rules in sequence, those of shown prices first, and index them."""
        shown = sorted(
            (rule for rule in rules if rule.level == "shown"),
            key=lambda rule: sequence_of(rule, setting),
        )
        others = sorted(
            (rule for rule in rules if rule.level != "shown"),
            key=lambda rule: sequence_of(rule, setting),
        )
        self.setting = setting
        self.idents = tuple(idents)
        self.rules = (*shown, *others)
        self._shown = len(shown)
        self._refused = dict(refused)
        self._by_number = {rule.number: rule for rule in rules}
        self._has_exclusive = any(rule.is_exclusive for rule in rules)
        self._index = index_rules(self.rules)
        self._plain = tuple(plain_terms(rule) for rule in self.rules)

    def quote(self, cart: Cart) -> Quote:
        """Return what ``cart`` costs. Raises ``ValueError`` for a cart of another market or currency."""
        setting = self.setting
        if cart.market != setting.market or cart.currency != setting.currency:
            raise ValueError(f"This program is of {setting.market} in {setting.currency}")
        state = State(cart, setting.policy)
        before = state.goods
        candidates, touched = self._candidates(state)
        places: Sequence[int] = candidates
        first_of_cart = self._shown
        if places and places[0] < first_of_cart:
            count = sum(place < first_of_cart for place in places)
            self._shown_prices(state, places[:count], touched)
            places = places[count:]
            state.show()
        if self._has_exclusive:
            places = self._without_exclusive(state, places, touched)
        self._in_sequence(state, places, touched)
        return Quote(self, state, before)

    def platform_share(self, number: int) -> tuple[int, int]:
        """Return the part of a promotion that the platform pays, as a ratio."""
        return self._by_number[number].platform

    def rules_of_code(self, code: str) -> tuple[str, ...]:
        """Return the promotions behind a code in its plain form."""
        return tuple(self.rules[place].ident for place in self._index.by_code.get(code, ()))

    def refuse(self, number: int, cart: Cart, codes: frozenset[str]) -> Refusal:
        """Return why a promotion was not even tried for a cart."""
        if number in self._refused:
            return self._refused[number]
        rule = self._by_number[number]
        refusal = _closed(rule, cart, codes)
        if refusal is not None:
            return refusal
        named = [
            line for line in cart.lines if not rule.keys.isdisjoint(line.keys) or not rule.keys
        ]
        if named and not any(line.is_discountable for line in named):
            return reasons.NOT_DISCOUNTABLE, ()
        return reasons.NO_MATCHING_ITEM, ()

    def _candidates(self, state: State) -> tuple[list[int], Touched]:
        """Return the places of the rules to try, in sequence, and the runs that keys led from."""
        index = self._index
        by_key = index.by_key
        touched: Touched = {}
        for run in state.open:
            groups = run.line.groups
            for kind in index.kinds:
                for key in groups[kind]:
                    for place in by_key.get(key, ()):
                        runs = touched.get(place)
                        if runs is None:
                            touched[place] = [run]
                        elif runs[-1] is not run:
                            runs.append(run)
        cart = state.cart
        if cart.codes and index.by_code:
            state.codes = frozenset(plain_code(code, state.policy) for code in cart.codes)
            self._touch_by_code(state, touched)
        return sorted({*index.always, *touched}), touched

    def _touch_by_code(self, state: State, touched: Touched) -> None:
        for code in state.codes:
            for place in self._index.by_code.get(code, ()):
                keys = self.rules[place].keys
                runs = [run for run in state.open if not keys or not keys.isdisjoint(run.line.keys)]
                if runs or not keys:
                    touched[place] = runs

    def _shown_prices(self, state: State, places: Sequence[int], touched: Touched) -> None:
        places = self._without_exclusive(state, places, touched)
        if state.policy.shown_prices == "stack" or len(places) < 2:
            self._in_sequence(state, places, touched)
        else:
            self._best_prices(state, places, touched)

    def _best_prices(self, state: State, places: Sequence[int], touched: Touched) -> None:
        """Give each line the one shown price that saves most; the earlier rule wins a tie."""
        won: dict[int, int] = {}
        lost: dict[int, int] = {}
        for run in list(state.open):
            rivals = [place for place in places if run in touched.get(place, state.open)]
            best, most = -1, 0
            if len(rivals) > 1:
                for place in rivals:
                    saving = self._trial(state, [place], {place: [run]})
                    if saving > most:
                        best, most = place, saving
            if best < 0 and rivals:
                best = rivals[0]
            for place in rivals:
                if place == best or not most:
                    won[place] = place
                    self._try(state, place, {place: [run]})
                else:
                    lost[place] = best
        for place, best in lost.items():
            if place not in won:
                self._note(state, place, reasons.BETTER_PRICE, best)

    def _without_exclusive(
        self, state: State, places: Sequence[int], touched: Touched
    ) -> Sequence[int]:
        """Let an exclusive promotion apply alone, if one can, and return what is still to be tried."""
        rules = self.rules
        exclusive = [place for place in places if rules[place].is_exclusive]
        if not exclusive:
            return places
        others = [place for place in places if place not in exclusive]
        winner = self._best_exclusive(state, others, exclusive, touched)
        if winner is None:
            return others
        for place in places:
            if place == winner:
                self._try(state, place, touched)
            elif not self._is_noted(state, place):
                rule = self.rules[place]
                refusal = _closed(rule, state.cart, state.codes)
                excluded: Refusal = (reasons.EXCLUDED_BY, (self.rules[winner].ident,))
                self._refuse(state, rule, refusal or excluded)
        return ()

    def _best_exclusive(
        self, state: State, others: Sequence[int], exclusive: Sequence[int], touched: Touched
    ) -> int | None:
        """Return the exclusive promotion that applies: by priority or, by policy, the best saving.

        Those that cannot apply are noted with their own reasons.
        """
        savings = {place: self._trial(state, [place], touched) for place in exclusive}
        for place, saving in savings.items():
            if not saving:
                self._try(state, place, touched)
        able = [place for place in exclusive if savings[place]]
        if not able:
            return None
        if state.policy.exclusive == "priority":
            return able[0]
        best = max(able, key=lambda place: savings[place])
        together = self._trial(state, others, touched)
        if together > savings[best]:
            rival = max(others, key=lambda place: self._trial(state, [place], touched))
            for place in able:
                self._note(state, place, reasons.EXCLUDED_BY, rival)
            return None
        return best

    def _in_sequence(self, state: State, places: Sequence[int], touched: Touched) -> None:
        """Try promotions one after the other; ``_try`` written out for those with plain terms."""
        now, cart, codes = state.cart.timestamp, state.cart, state.codes
        plain = self._plain
        groups: set[str] = set()
        for place in places:
            terms = plain[place]
            if terms is None or state.is_split:
                self._try_grouped(state, place, places, touched, groups)
                continue
            starts, ends, gate, threshold, spend, benefit, number = terms
            if not starts <= now < ends:
                self._try(state, place, touched)
                continue
            refusal = gate(cart, codes) if gate is not None else None
            if refusal is None and (state.goods < spend or threshold is not None):
                refusal = threshold(state) if threshold else _spend_below(spend, state)
            if refusal is not None:
                state.notes.append((number, *refusal))
            else:
                benefit(state, touched.get(place, state.open))

    def _try_grouped(
        self,
        state: State,
        place: int,
        places: Sequence[int],
        touched: Touched,
        groups: set[str],
    ) -> None:
        """Try a promotion; the first one of a group settles all of the group."""
        rules = self.rules
        group = rules[place].group
        if not group:
            self._try(state, place, touched)
        elif group not in groups:
            groups.add(group)
            members = [one for one in places if rules[one].group == group]
            self._group(state, members, touched)

    def _group(self, state: State, members: Sequence[int], touched: Touched) -> None:
        """Let one promotion of a group apply: the best saving or, by policy, the first that gives."""
        savings = {place: self._trial(state, [place], touched) for place in members}
        able = [place for place in members if savings[place]]
        is_best = state.policy.group == "best"
        winner = max(able, key=lambda place: savings[place] if is_best else 0) if able else None
        for place in members:
            if winner is None or place == winner or not savings[place]:
                self._try(state, place, touched)
            else:
                self._note(state, place, reasons.BETTER_IN_GROUP, winner)

    def _trial(self, state: State, places: Sequence[int], touched: Touched) -> int:
        """Return what promotions would save here, and leave everything as it was."""
        memo, before = state.save(), state.saved
        if len(places) == 1:  # a member of a group by itself
            self._try(state, places[0], touched)
        else:
            self._in_sequence(state, places, touched)
        saving = state.saved - before
        state.restore(memo)
        return saving

    def _try(self, state: State, place: int, touched: Touched) -> bool:
        """Try one promotion; says whether it gave anything, and notes why not."""
        rule = self.rules[place]
        cart = state.cart
        if not rule.starts <= cart.timestamp < rule.ends:
            return self._refuse(state, rule, _outside_period(rule, cart))
        gate = rule.gate
        if gate is not None:
            refusal = gate(cart, state.codes)
            if refusal is not None:
                return self._refuse(state, rule, refusal)
        threshold = rule.threshold
        if threshold is not None:
            refusal = threshold(state)
            if refusal is not None:
                return self._refuse(state, rule, refusal)
        if state.replaced_by >= 0 and rule.codes:
            self._note(state, place, reasons.REPLACED_BY, state.replaced_by)
            return False
        runs: Sequence[Run] = touched.get(place, state.open)
        if state.is_split or rule.test is not None:
            runs = self._narrow(state, rule, runs)
            if not runs and rule.is_on_units:
                return False
        has_given = rule.benefit(state, runs)
        if has_given and rule.replaces_codes:
            state.replaced_by = place
        return has_given

    def _narrow(self, state: State, rule: Rule, runs: Sequence[Run]) -> Sequence[Run]:
        """Add the runs that were split off, and leave out those the rule does not mean."""
        found = state.all_of(runs) if state.is_split else runs
        test = rule.test
        if test is not None:
            found = [run for run in found if test(run)]
        code = reasons.NO_MATCHING_ITEM
        if state.has_barred and rule.is_on_units and found:
            found = [run for run in found if not run.is_barred]
            code = reasons.UNITS_IN_OTHER_OFFER
        if not found:
            self._refuse(state, rule, (code, ()))
        return found

    def _refuse(self, state: State, rule: Rule, refusal: Refusal | None) -> bool:
        if refusal is not None:
            state.notes.append((rule.number, *refusal))
        return False

    def _note(self, state: State, place: int, code: str, other: int) -> None:
        state.notes.append((self.rules[place].number, code, (self.rules[other].ident,)))

    def _is_noted(self, state: State, place: int) -> bool:
        number = self.rules[place].number
        return any(note[0] == number for note in state.notes)


def _spend_below(spend: int, state: State) -> Refusal:
    return reasons.SPEND_BELOW, (spend, state.goods)


def _closed(rule: Rule, cart: Cart, codes: frozenset[str]) -> Refusal | None:
    """Return why a rule is out of question whatever is in the cart: period, place, buyer, use."""
    return _outside_period(rule, cart) or (rule.gate(cart, codes) if rule.gate else None)


def _outside_period(rule: Rule, cart: Cart) -> Refusal | None:
    if cart.timestamp < rule.starts:
        return reasons.NOT_STARTED, (rule.starts_text,)
    return (reasons.ENDED, (rule.ends_text,)) if cart.timestamp >= rule.ends else None


def compile_program(
    rows: Iterable[Row],
    policy: Policy = DEFAULTS,
    *,
    market: str,
    currency: str,
    timezone: str = "UTC",
) -> Program:
    """Compile rows in the order of their listing for a market, its currency and its time zone.

    Raises ``PromotionRowError`` with everything that is wrong with the rows, so that a program is
    whole or not there.
    """
    setting = Setting(policy, market, currency, timezone)
    listed = list(rows)
    problems = [problem for row in listed for problem in check_row(row)]
    idents = [text(row, "id") for row in listed]
    problems += [
        Problem(ident, "id", "is used twice", "give every promotion an id of its own")
        for ident in sorted({ident for ident in idents if idents.count(ident) > 1})
    ]
    if problems:
        raise PromotionRowError(problems)
    rules: list[Rule] = []
    refused: dict[int, Refusal] = {}
    for number, row in enumerate(listed):
        compiled = compile_rule(row, setting, number)
        if isinstance(compiled, Rule):
            rules.append(compiled)
        else:
            refused[number] = compiled
    return Program(setting, idents, rules, refused)
