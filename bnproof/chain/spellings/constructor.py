"""A framework's layer as data, and a call of it in a chain: which of our layers it is, with which arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import ChainError
from ..expressions import Expression
from ..layers import LAYERS, Argument, Value
from ..pointer import Span, pointed, short
from ..tree import Layer, Need, Note, Scope, Spelling
from .needs import Axes
from .parameter import Parameter, Raw
from .sizes import Size, Takes

FRAMEWORK = {"pytorch": "PyTorch", "keras": "Keras"}
"""The frameworks' names, by spelling."""
WHOSE = {"pytorch": "PyTorch's", "keras": "Keras'"}
"""The frameworks' names as owners, by spelling."""


@dataclass(frozen=True)
class Constructor:
    """A layer of a framework: its word, its parameters in order, and what it is in our words.

    `token` is our layer; `names` says which of our arguments takes which parameter; `takes` is the
    parameter that says how many channels flow in; `axes` are the numbers of axes of positions that it takes, all if empty;
    `special` makes our layers where that is not enough; `canonical` is the framework's own word where this is an alias of it;
    `anything` says that it takes any arguments and does nothing with them.
    """

    word: str
    spelling: Spelling
    token: str
    parameters: tuple[Parameter, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    takes: str = ""
    axes: tuple[int, ...] = ()
    special: Callable[[Call], tuple[Layer, ...]] | None = None
    canonical: str = ""
    anything: bool = False

    @property
    def signature(self) -> str:
        """The signature as the framework's documentation writes it, without what says nothing about what is computed."""
        shown: list[str] = []
        for parameter in self.parameters:
            if parameter.kind != "anything":
                default = "" if parameter.required else f"={parameter.default!r}"
                shown.append(parameter.name + default)
        return f"{self.word}({', '.join(shown)})"

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


@dataclass(frozen=True)
class Call:
    """A constructor with the value of every parameter by name; None stands for a size that is free.

    `written` are the arguments that were given, `spans` their places, `inner` the layers that were given as activations;
    `printed` is a call in a printed model, which leaves some arguments out; `fed` is one behind another layer of the same Sequential,
    where nothing can stand between them.
    """

    constructor: Constructor
    word: str
    span: Span
    scope: Scope
    values: Mapping[str, Raw] = field(default_factory=dict[str, Raw])
    written: Mapping[str, Expression] = field(default_factory=dict[str, Expression])
    spans: Mapping[str, Span] = field(default_factory=dict[str, Span])
    inner: Mapping[str, Call] = field(default_factory=dict[str, "Call"])
    printed: bool = False
    fed: bool = False

    def unprinted(self, *names: str) -> None:
        """Note, in a printed model, that its text does not show these parameters: their defaults are taken."""
        if self.printed:
            what = " and ".join(f"{name}={self.values[name]}" for name in names)
            self.scope.notes.append(
                Note(f"{what} of {self.word}", "a printed model does not show it: PyTorch's default is taken")
            )

    def fail(self, message: str, hint: str, parameter: str = "") -> ChainError:
        """The error for what the call says: it points at the parameter's argument if that was given, else at the word."""
        return pointed(message, self.scope.text, self.spans.get(parameter, self.span), hint)

    def translated(self) -> tuple[Layer, ...]:
        """Our layers for it. Raises ChainError for what our layers cannot express."""
        constructor = self.constructor
        if constructor.special is not None:
            return constructor.special(self)
        return (self.layer(constructor.token, constructor.names),)

    def layer(
        self,
        token: str,
        names: Mapping[str, str] | None = None,
        fixed: Mapping[str, Value] | None = None,
        needs: Sequence[Need] = (),
        takes: Sequence[Need] | None = None,
        axes: tuple[int, ...] | None = None,
    ) -> Layer:
        """Our layer `token`: arguments from parameters by `names`, or `fixed`.

        It needs the axes that the constructor takes, or `axes` of them, the channels that the call says, or what `takes` says of
        them, and `needs`.
        """
        signature, constructor = LAYERS[token], self.constructor
        arguments = {argument.name: argument.default for argument in signature.arguments}
        spans: dict[str, Span] = {}
        wanted: list[Need] = []
        if constructor.axes:
            wanted.append(Axes(self.word, constructor.axes if axes is None else axes))
        if takes is not None:
            wanted += takes
        elif constructor.takes:
            wanted.append(self.channels(constructor.takes))
        for ours, theirs in (names or {}).items():
            argument = signature.by_name[ours]
            parameter = constructor.parameter(theirs)
            assert parameter is not None, theirs
            if theirs in self.spans:
                spans[ours] = self.spans[theirs]
            if self.values[theirs] is None and parameter.kind == "size":
                wanted.append(Size(ours, self.word, self.written.get(theirs), spans.get(ours, self.span)))
            else:
                arguments[ours] = self._value(argument, parameter)
        arguments.update(fixed or {})
        return Layer(
            token,
            arguments,
            span=self.span,
            spans=spans,
            constructor=self.word,
            spelling=constructor.spelling,
            needs=(*wanted, *needs),
        )

    def channels(self, parameter: str) -> Takes:
        """The need that as many channels flow in as the parameter says."""
        value = self.values[parameter]
        return Takes(
            self.word,
            parameter,
            value if isinstance(value, int) else None,
            self.written.get(parameter),
            self.spans.get(parameter, self.span),
        )

    def _value(self, argument: Argument, parameter: Parameter) -> Value:
        """The parameter's value as our argument. Raises ChainError where it is out of our argument's range."""
        value = self.values[parameter.name]
        if value is None:
            return argument.default
        if argument.kind == "sizes" and "valid" in argument.words and value in (0, "valid"):
            return 0 if argument.default == 0 else "valid"
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        try:
            return argument.read(text)
        except ValueError:
            message = f"{parameter.name}={short(text)} of {self.word} is out of range here"
            raise self.fail(message, f"expected {argument.expected}", parameter.name) from None


def table(*entries: Constructor) -> dict[str, Constructor]:
    """The constructors by word. Raises ValueError for a word that is there twice."""
    found: dict[str, Constructor] = {}
    for entry in entries:
        if entry.word in found:
            raise ValueError(f"the constructor `{entry.word}` is defined twice")
        found[entry.word] = entry
    return found
