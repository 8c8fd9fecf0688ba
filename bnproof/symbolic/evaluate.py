"""Evaluate a term exactly at one concrete instance: sizes, rational values, nothing symbolic, no floats.

What a term means is worked out here a second time, without SymPy: sums are loops, derivatives are jets, definitions are
calls. Both checks read the same terms: the parser, `term` with its substitution, the definitions, and the layers of what is
supposed are shared, and tested by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import count

from .exact import Exact
from .jet import Jet, LogValue, Number, exponential, natural_log, parts_of, reciprocal, seed, sign, square_root
from .logarithm import OpenLog
from .relation import Comparison
from .symbols import Layers, Replacement, Vocabulary
from .term import Apply, Big, Binary, Derivative, Entry, Name, Negative, Term, free_names
from .term import Number as Constant
from .unfold import moved_by

REACH, MARGIN = 24, 8
"""Sums over all integers run over −REACH … REACH; a body that is nonzero in the outer MARGIN on either side is refused."""


NO_VALUE = (ArithmeticError, LookupError, ValueError)
"""What evaluation raises where there is no exact value: a denominator is 0, a number is not represented, a value is not given."""

Place = tuple[str, tuple[int, ...]]
"""A scalar's name with no index, or a sequence's name with its indices."""


class Instance:
    """Concrete values for every symbol: scalars by name, entries of sequences through `entry(base, indices)`."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        scalars: Mapping[str, Fraction],
        entry: Callable[[str, tuple[int, ...]], Fraction],
        layers: Layers = (),
        innermost: Instance | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.scalars = scalars
        self.entry = entry
        self.layers = layers
        self.assume = layers[-1] if layers else {}
        self.innermost = innermost or self
        self.outer = Instance(vocabulary, scalars, entry, layers[:-1], self.innermost) if layers else self
        self._tags = self.outer._tags if layers else count()
        self._seeds: dict[Place, list[int]] = self.outer._seeds if layers else {}
        self._calls: dict[tuple[object, ...], Number] = {}
        self._terms: dict[int, tuple[Term, Number]] = {}
        self._sums: dict[tuple[object, ...], Number] = {}
        self._free: dict[int, tuple[Term, tuple[str, ...]]] = {}

    def known(self, term: Term) -> Number:
        """The value of a closed term, remembered for as long as this very object is asked about. Raises ValueError where it is open."""
        found = self._terms.get(id(term))
        if found is None:
            value = self.value(term)
            if any(isinstance(part, OpenLog) for part in parts_of(value).values()):
                raise ValueError(f"not represented: {value!r}")
            found = self._terms[id(term)] = (term, value)
        return found[1]

    def value(self, term: Term, env: Mapping[str, Number] | None = None) -> Number:
        """The exact value. Raises ZeroDivisionError or ValueError where the term is undefined."""
        env = env or {}
        # types are compared rather than matched: this is where the second check spends its time
        if isinstance(term, Binary):
            first = self.value(term.left, env)
            if term.op == "*" and self._beyond_support(term.left) and is_zero(first):
                return 0  # do not walk through a whole inner sum for nothing
            return self._binary(term.op, first, self.value(term.right, env))
        if isinstance(term, Name):
            return self._scalar(term.name, env)
        if isinstance(term, Entry):
            return self._entry(term.base, [self.value(i, env) for i in term.indices])
        if isinstance(term, Apply):
            return self._apply(term.function, [self.value(a, env) for a in term.args])
        if isinstance(term, Constant):
            return term.value.numerator if term.value.denominator == 1 else term.value
        if isinstance(term, Negative):
            return -self.value(term.body, env)
        if isinstance(term, Big):
            return self._big(term, env)
        return self._derivative(term.body, term.wrt, env)

    def _beyond_support(self, term: Term) -> bool:
        return isinstance(term, Entry) and term.base not in self.assume and self.vocabulary.symbols[term.base].finite

    def _scalar(self, name: str, env: Mapping[str, Number]) -> Number:
        if name in env:
            return env[name]
        if name in self.assume:
            return self.outer.value(self.assume[name].body)
        if self.outer is not self:
            return self.outer._scalar(name, {})
        return self._seeded(self.scalars[name], (name, ()))

    def _entry(self, base: str, places: list[Number]) -> Number:
        if base in self.assume and self._reached(self.assume[base], base, places):
            replacement = self.assume[base]
            return self.outer.value(replacement.body, dict(zip(replacement.parameters, places, strict=True)))
        if self.outer is not self:
            return self.outer._entry(base, places)
        where = self._places(base, places)
        return self._seeded(self.entry(base, where), (base, where))

    def _reached(self, replacement: Replacement, base: str, places: list[Number]) -> bool:
        """Whether a replacement speaks of these places; on a cyclic axis they are turned into its range first."""
        if not replacement.over:
            return True
        if base in self.vocabulary.symbols:
            places[:] = self._places(base, places)
        sizes = (None if over is None else self.innermost._scalar(over, {}) for over in replacement.over)
        return all(size is None or (sign(p - 1) >= 0 and sign(size - p) >= 0) for p, size in zip(places, sizes, strict=True))

    def _places(self, base: str, places: list[Number]) -> tuple[int, ...]:
        """Whole-number indices; on a cyclic axis they wrap around."""
        where = tuple(self.whole(place) for place in places)
        over = self.vocabulary.symbols[base].over
        if over is not None and self.vocabulary.symbols[over].cyclic:
            size = self.whole(self.scalars[over])
            where = tuple((p - 1) % size + 1 for p in where)
        return where

    def _seeded(self, value: Fraction, place: Place) -> Number:
        result: Number = value.numerator if value.denominator == 1 else value  # whole numbers are faster
        for tag in self._seeds.get(place, ()):
            result = seed(result, tag)  # type: ignore[arg-type]
        return result

    @staticmethod
    def whole(value: Number) -> int:
        """The value as an integer. Raises ValueError where it is none."""
        number = value.rational() if isinstance(value, Exact) else value
        if not isinstance(number, int | Fraction) or number.denominator != 1:
            raise ValueError(f"an index or a count is {value!r}, not a whole number")
        return int(number)

    def _binary(self, op: str, left: Number, right: Number) -> Number:
        match op:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left * reciprocal(right)
            case _:
                exponent = self.whole(right)
                if exponent < 0:
                    return reciprocal(left) ** -exponent
                return left**exponent

    def _apply(self, function: str, args: list[Number]) -> Number:
        match function:
            case "sqrt":
                return square_root(args[0])
            case "exp":
                return exponential(args[0])
            case "log":
                return natural_log(args[0])
            case "abs":
                self._smooth(args[0])
                return args[0] if sign(args[0]) >= 0 else -args[0]
            case "relu":
                self._smooth(args[0])
                return args[0] if sign(args[0]) > 0 else Fraction(0)
            case "delta":
                if any(isinstance(a, Jet) for a in args):
                    raise ValueError("a derivative of a Kronecker delta")
                return Fraction(1 if equal(args[0], args[1]) else 0)
            case _:
                return self._defined(function, args, self)

    @staticmethod
    def _smooth(value: Number) -> None:
        """Raises ValueError where a derivative is asked for at a kink."""
        if isinstance(value, Jet) and sign(value) == 0:
            raise ValueError("a derivative at a kink")

    def _defined(self, function: str, args: list[Number], whole: Instance) -> Number:
        if function in self.assume and self._reached(self.assume[function], function, args):
            replacement = self.assume[function]
            return self.outer.value(replacement.body, dict(zip(replacement.parameters, args, strict=True)))
        if self.outer is not self:
            return self.outer._defined(function, args, whole)
        key = (function, *args, *self._seeded_now())
        try:
            known = whole._calls.get(key)
        except TypeError:  # an irrational argument has no hash
            known, key = None, ()
        if known is None:
            definition = self.vocabulary.definitions[function]
            known = whole.value(definition.body, dict(zip(definition.parameters, args, strict=True)))
            if key:
                whole._calls[key] = known
        return known

    def _big(self, term: Big, env: Mapping[str, Number]) -> Number:
        """The value, remembered for the present values of what occurs free in the term."""
        free = self._free.get(id(term))
        if free is None:
            free = self._free[id(term)] = (term, tuple(sorted(free_names(term))))
        key = (id(term), *((n, env[n]) for n in free[1] if n in env), *self._seeded_now())
        try:
            known = self._sums.get(key)
        except TypeError:  # an irrational number has no hash
            return self._over_range(term, env)
        if known is None:
            known = self._sums[key] = self._over_range(term, env)
        return known

    def _seeded_now(self) -> Iterator[object]:
        return ((p, *tags) for p, tags in self._seeds.items() if tags)

    def _over_range(self, term: Big, env: Mapping[str, Number]) -> Number:
        if term.lower is None or term.upper is None:
            return self._over_all_integers(term, env)
        low, high = self.whole(self.value(term.lower, env)), self.whole(self.value(term.upper, env))
        values = [self.value(term.body, {**env, term.index: v}) for v in range(low, high + 1)]
        if term.kind == "max":
            if not values:
                raise ValueError("the maximum over an empty range")
            best = values[0]
            for value in values[1:]:
                self._smooth(value - best)
                best = value if sign(value - best) > 0 else best
            return best
        total: Number = sum(values, 0)
        if term.kind == "sum":
            return total
        if not values:
            raise ZeroDivisionError("the mean over an empty range")
        mean = total * Fraction(1, len(values))
        if term.kind == "mean":
            return mean
        return sum(((v - mean) ** 2 for v in values), 0) * Fraction(1, len(values))

    def _over_all_integers(self, term: Big, env: Mapping[str, Number]) -> Number:
        total: Number = 0
        for v in range(-REACH, REACH + 1):
            value = self.value(term.body, {**env, term.index: v})
            if abs(v) > REACH - MARGIN and not is_zero(value):
                raise ValueError(f"a sum over all integers reaches beyond ±{REACH - MARGIN}")
            total = total + value
        return total

    def _derivative(self, body: Term, wrt: Name | Entry, env: Mapping[str, Number]) -> Number:
        tag = next(self._tags)
        self._require_free(wrt, env)
        moved = moved_by(Derivative(body, wrt), self.layers, self.vocabulary)
        if moved is not None:
            raise ValueError(f"a derivative of what depends on {moved}, which is replaced at one point")
        if isinstance(wrt, Name):
            place: Place = (wrt.name, ())
        else:
            place = (wrt.base, self._places(wrt.base, [self.value(i, env) for i in wrt.indices]))
        self._seeds.setdefault(place, []).append(tag)
        try:
            result = self.value(body, env)
        finally:
            self._seeds[place].remove(tag)
        return result.coefficient(tag) if isinstance(result, Jet) else Fraction(0)

    def _require_free(self, wrt: Name | Entry, env: Mapping[str, Number]) -> None:
        """Raises ValueError for a derivative by a symbol that stands for something else here."""
        name = wrt.name if isinstance(wrt, Name) else wrt.base
        if name in self.assume or name in env:
            raise ValueError(f"a derivative with respect to {name}, which stands for something else here")
        if self.outer is not self:
            self.outer._require_free(wrt, {})


def is_zero(value: Number) -> bool:
    """Whether an exact number is zero."""
    if isinstance(value, Jet):
        return all(is_zero(v) for v in value.parts.values())
    return not value.top if isinstance(value, Exact) else value == 0


def equal(left: Number, right: Number) -> bool:
    """Whether two exact numbers are equal."""
    if isinstance(left, LogValue) != isinstance(right, LogValue):
        rest = left - right if isinstance(left, LogValue) else right - left
        return is_zero(rest)
    return is_zero(left - right)


COMPARE: Mapping[Comparison, Callable[[Number, Number], bool]] = {
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
    "<": lambda a, b: sign(a - b) < 0,
    "<=": lambda a, b: sign(a - b) <= 0,
    ">": lambda a, b: sign(a - b) > 0,
    ">=": lambda a, b: sign(a - b) >= 0,
}
