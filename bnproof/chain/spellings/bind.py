"""The arguments of a framework's constructor bound as Python binds them, and checked against its signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import ChainError
from ..expressions import Expression, Given
from ..pointer import Span, close, pointed, short
from ..tree import Scope
from .constructor import FRAMEWORK, Call, Constructor
from .parameter import Parameter, Raw
from .read import Unfit, read


def bind(
    constructor: Constructor,
    word: str,
    span: Span,
    given: Sequence[Given] | None,
    scope: Scope,
    others: Mapping[str, Constructor],
) -> Call:
    """The call with its arguments bound; `given` is None for a word without brackets, whose required sizes are free.

    `others` are the framework's constructors, for layers that are given as arguments. Raises ChainError where the
    signature does not allow the arguments.
    """
    if given is None and not any(p.required and p.kind == "activation" for p in constructor.parameters):
        values = {p.name: _free(p) if p.required else p.default for p in constructor.parameters}
        return Call(constructor, word, span, scope, values)
    binding = _Binding(constructor, word, span, scope, others)
    for k, argument in enumerate(() if constructor.anything else given or ()):
        binding.put(k, argument)
    return binding.done()


def _free(parameter: Parameter) -> Raw:
    """What a required parameter is where nothing is given: a free size, or the example for a kernel's."""
    if parameter.kind in ("sizes", "nested"):
        return int(parameter.example)
    return float(parameter.example) if parameter.kind in ("number", "share") else None


class _Binding:
    def __init__(
        self, constructor: Constructor, word: str, span: Span, scope: Scope, others: Mapping[str, Constructor]
    ) -> None:
        self.constructor, self.word, self.span, self.scope, self.others = constructor, word, span, scope, others
        self.inner: dict[str, Call] = {}
        self.values: dict[str, Raw] = {p.name: p.default for p in constructor.parameters}
        self.written: dict[str, Expression] = {}
        self.spans: dict[str, Span] = {}
        self.named = False

    def fail(self, message: str, span: Span, hint: str) -> ChainError:
        return pointed(
            message, self.scope.text, span, f"{hint}{'' if hint.endswith('?') else ':'} {self.constructor.signature}"
        )

    def put(self, k: int, given: Given) -> None:
        parameter = self.named_parameter(given) if given.name else self.positional(k, given)
        if parameter.name in self.written:
            raise self.fail(f"{parameter.name} of {self.word} is given twice", given.span, "expected it once")
        self.written[parameter.name] = given.value
        self.spans[parameter.name] = given.span
        axes = self.constructor.axes[0] if len(self.constructor.axes) == 1 else 0
        try:
            value = read(parameter, given.value, self.scope, axes)
        except Unfit as error:
            shown = short(self.scope.text[given.value.span.start : given.value.span.stop])
            message = f"wrong value `{shown}` for {parameter.name} of {self.word}"
            raise pointed(message, self.scope.text, given.value.span, f"expected {error}") from None
        if parameter.only and value != parameter.default:
            message = f"{parameter.name} of {self.word} cannot be read here"
            raise pointed(message, self.scope.text, given.span, parameter.only)
        self.values[parameter.name] = value
        inner = self.others.get(given.value.text.rsplit(".", 1)[-1]) if given.value.kind == "call" else None
        if parameter.kind == "activation" and inner is not None:
            place = Span(given.value.span.start, given.value.span.start + len(given.value.text))
            self.inner[parameter.name] = bind(inner, given.value.text, place, given.value.given, self.scope, self.others)

    def named_parameter(self, given: Given) -> Parameter:
        self.named = True
        found = self.constructor.parameter(given.name)
        if found is None:
            best = close(given.name, [parameter.name for parameter in self.constructor.parameters])
            hint = f"did you mean {best}?" if best else "expected what the signature says"
            raise self.fail(f"unknown argument `{short(given.name)}` of {self.word}", given.place, hint)
        return found

    def positional(self, k: int, given: Given) -> Parameter:
        if self.named:
            message = f"an argument without a name after a named one in {self.word}"
            raise self.fail(message, given.span, "expected a name before it")
        allowed = [parameter for parameter in self.constructor.parameters if not parameter.keyword]
        if k >= len(allowed):
            raise self.fail(f"too many arguments of {self.word}", given.span, "expected no more than the signature says")
        return allowed[k]

    def done(self) -> Call:
        missing = [p for p in self.constructor.parameters if p.required and p.name not in self.written]
        if missing:
            framework = FRAMEWORK[self.constructor.spelling]
            message = f"{self.word} lacks {' and '.join(p.name for p in missing)}: {framework} refuses it too"
            raise self.fail(message, self.span, f"expected {'it' if len(missing) == 1 else 'them'}, as in {self.example()}")
        return Call(self.constructor, self.word, self.span, self.scope, self.values, self.written, self.spans, self.inner)

    def example(self) -> str:
        """The call as it could be: what was given, and an example for what is missing."""
        shown: list[str] = []
        for p in self.constructor.parameters:
            if p.name in self.written:
                place = self.written[p.name].span
                text = short(self.scope.text[place.start : place.stop])
                shown.append(text if p.required else f"{p.name}={text}")
            elif p.required:
                shown.append(p.example)
        return f"{self.word}({', '.join(shown)})"
