"""Read a term from text: ``mean(i, z[i] + b)`` is Python syntax with mathematical names.

The grammar is Python's own (``ast``), so precedence and brackets are what everyone expects:

- numbers, names from the glossary, entries ``z[i]``, ``w[i, j]``, the operators ``+ - * / **``;
- ``sum(i, e)``, ``mean(i, e)``, ``var(i, e)``, ``max(i, e)`` over the index's own range, or
  ``sum(i, lo, hi, e)`` with explicit bounds; the variance divides by the count;
- ``sqrt exp log relu abs`` and ``delta(i, k)`` (Kronecker);
- ``diff(e, b)`` and ``diff(e, z[k])``, partial derivatives;
- the definitions a theorem makes, ``y(k)``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from fractions import Fraction

from ..errors import NotationError, nearest
from .relation import Comparison, Relation
from .source import prefix
from .symbols import FUNCTIONS, Definition, Symbol, Vocabulary
from .term import Apply, Big, Binary, Derivative, Entry, Name, Negative, Number, Operator, Term, free_names

_OPERATORS: dict[type[ast.operator], Operator] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_BIG = ("sum", "mean", "var", "max")


def parse(text: str, vocabulary: Vocabulary) -> Term:
    """Read `text`. Raises NotationError naming the unknown symbol, its nearest neighbours and the whole text, and its place."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise NotationError(f"{prefix(text, (error.offset or 1) - 1)}cannot read the term `{text}`: {error.msg}") from error
    return _Reader(text, vocabulary).read(tree, ())


class _Reader:
    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.reading = 0

    def fail(self, message: str) -> NotationError:
        offset = len(self.text.strip().encode()[: self.reading].decode(errors="ignore"))
        return NotationError(f"{prefix(self.text, offset)}{message} in `{self.text}`")

    def unknown(self, kind: str, name: str, known: Mapping[str, object]) -> NotationError:
        near = ", ".join(f"`{n}`" for n in nearest(name, known))
        return self.fail(f"unknown {kind} `{name}` (nearest: {near})")

    def read(self, node: ast.expr, bound: tuple[str, ...]) -> Term:
        self.reading = node.col_offset
        match node:
            case ast.Constant(value=int() as value) if not isinstance(value, bool):
                return Number(Fraction(value))
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                body = self.read(operand, bound)
                return Number(-body.value) if isinstance(body, Number) else Negative(body)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self.binary(_OPERATORS[type(op)], self.read(left, bound), self.read(right, bound))
            case ast.Subscript(value=ast.Name(id=base), slice=index):
                return self.entry(base, index, bound)
            case ast.Call(func=ast.Name(id=function), args=args, keywords=[]):
                return self.call(function, args, bound)
            case _:
                raise self.fail(f"`{ast.unparse(node)}` is not part of the notation")

    @staticmethod
    def binary(operator: Operator, left: Term, right: Term) -> Term:
        """Python reads ``-a*b`` as ``(-a)*b``; a reader of formulas does not."""
        if operator in ("*", "/") and isinstance(left, Negative):
            return Negative(Binary(operator, left.body, right))
        return Binary(operator, left, right)

    def name(self, name: str) -> Name | Apply:
        definition = self.vocabulary.definitions.get(name)
        if definition is not None and not definition.parameters:
            return Apply(name, ())
        symbol = self.vocabulary.symbols.get(name)
        if symbol is None:
            raise self.unknown("symbol", name, {**self.vocabulary.symbols, **self.vocabulary.definitions})
        if symbol.rank:
            raise self.fail(f"`{name}` is a sequence: write `{name}[…]`")
        return Name(name)

    def entry(self, base: str, index: ast.expr, bound: tuple[str, ...]) -> Entry:
        symbol = self.vocabulary.symbols.get(base)
        if symbol is None:
            raise self.unknown("sequence", base, self.vocabulary.symbols)
        indices = index.elts if isinstance(index, ast.Tuple) else [index]
        if len(indices) != symbol.rank:
            raise self.fail(f"`{base}` takes {symbol.rank} indices, not {len(indices)},")
        return Entry(base, tuple(self.read(i, bound) for i in indices))

    def call(self, function: str, args: list[ast.expr], bound: tuple[str, ...]) -> Term:
        if function in _BIG:
            return self.big(function, args, bound)
        if function == "diff":
            if len(args) != 2:
                raise self.fail("`diff` takes an expression and the symbol to differentiate by,")
            wrt = self.read(args[1], bound)
            if not isinstance(wrt, Name | Entry):
                raise self.fail("`diff` differentiates by a symbol or an entry,")
            name = wrt.name if isinstance(wrt, Name) else wrt.base
            if self.vocabulary.symbols[name].sort not in ("real", "positive", "nonnegative"):
                raise self.fail(f"`{name}` takes no continuous values, so that nothing can be differentiated by it,")
            return Derivative(self.read(args[0], bound), wrt)
        arity = self.arity(function)
        if len(args) != arity:
            raise self.fail(f"`{function}` takes {arity} arguments, not {len(args)},")
        return Apply(function, tuple(self.read(a, bound) for a in args))

    def arity(self, function: str) -> int:
        if function in FUNCTIONS:
            return FUNCTIONS[function]
        definition = self.vocabulary.definitions.get(function)
        if definition is None:
            known = {**FUNCTIONS, **self.vocabulary.definitions, **dict.fromkeys(_BIG)}
            raise self.unknown("function", function, known)
        return len(definition.parameters)

    def big(self, kind: str, args: list[ast.expr], bound: tuple[str, ...]) -> Big:
        if len(args) not in (2, 4) or not isinstance(args[0], ast.Name):
            raise self.fail(f"`{kind}` takes (index, expression) or (index, from, to, expression),")
        index = args[0].id
        symbol = self.vocabulary.symbols.get(index)
        if symbol is None or symbol.sort != "index":
            raise self.fail(f"`{index}` is not an index")
        if index in bound:
            raise self.fail(f"the index `{index}` is bound twice")
        inner = (*bound, index)
        lower: Term | None
        upper: Term | None
        if len(args) == 4:
            lower, upper = self.read(args[1], bound), self.read(args[2], bound)
        elif symbol.over is None:
            lower = upper = None
        else:
            lower, upper = Number(Fraction(1)), Name(symbol.over)
        if upper is None and kind != "sum":
            raise self.fail(f"`{kind}` over all integers has no meaning")
        return Big(kind, index, lower, upper, self.read(args[-1], inner))  # type: ignore[arg-type]


def define(
    head: str,
    body: str,
    latex: str,
    plain: str,
    meaning: str,
    symbols: Mapping[str, Symbol],
    earlier: Mapping[str, Definition],
) -> Definition:
    """A theorem's own abbreviation: head ``xhat(k)``, body ``(z[k] - mu) / s``.

    `latex` and `plain` print it; ``#1`` stands for the first argument (``_#1`` for it as a subscript).
    Parameters must be glossary symbols. Raises NotationError where head or body cannot be read.
    """
    call = ast.parse(head, mode="eval").body
    match call:
        case ast.Call(func=ast.Name(id=name), args=args) if all(isinstance(a, ast.Name) for a in args):
            parameters = tuple(a.id for a in args if isinstance(a, ast.Name))
        case ast.Name(id=name):
            parameters = ()
        case _:
            raise NotationError(f"a definition's head reads `name` or `name(parameter, …)`, not `{head}`")
    reserved = name in FUNCTIONS or name in _BIG or name == "diff"
    if reserved or len({*parameters}) != len(parameters) or not all(p in symbols and not symbols[p].rank for p in parameters):
        raise NotationError(f"`{head}` must be a new name with distinct scalar symbols of the glossary as parameters")
    term = parse(body, Vocabulary(symbols, earlier))
    hidden = {n for n in free_names(term) if symbols[n].sort == "index"} - {*parameters}
    if hidden:
        raise NotationError(f"the definition `{head}` depends on {', '.join(sorted(hidden))}: make that a parameter")
    return Definition(name, parameters, term, latex, plain, meaning)


_COMPARE: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def parse_relation(text: str, vocabulary: Vocabulary) -> list[Term | Comparison]:
    """Read ``a == b < c`` as terms with relations between them; a single term is a relation of length one."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise NotationError(f"{prefix(text, (error.offset or 1) - 1)}cannot read the formula `{text}`: {error.msg}") from error
    reader = _Reader(text, vocabulary)
    if not isinstance(tree, ast.Compare):
        return [reader.read(tree, ())]
    parts: list[Term | Comparison] = [reader.read(tree.left, ())]
    for operator, right in zip(tree.ops, tree.comparators, strict=True):
        if type(operator) not in _COMPARE:
            raise reader.fail("only = ≠ < ≤ > ≥ may stand between terms,")
        parts.append(_COMPARE[type(operator)])
        parts.append(reader.read(right, ()))
    return parts


def parse_relations(text: str, vocabulary: Vocabulary) -> tuple[Relation, ...]:
    """Read ``a < b < c`` as ``a < b`` and ``b < c``. Raises NotationError for a term without a relation."""
    parts = parse_relation(text, vocabulary)
    if len(parts) == 1:
        raise NotationError(f"`{text}` is a term; write a relation, as `{text} > 0`")
    found: list[Relation] = []
    for left, operator, right in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
        assert isinstance(operator, str)
        assert not isinstance(left, str)
        assert not isinstance(right, str)
        found.append(Relation(left, operator, right))
    return tuple(found)
