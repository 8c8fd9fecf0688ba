"""Text → a tree of layers. The grammar is in the package's docstring."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ..errors import ChainError
from .arguments import read_own
from .containers import Containers
from .expressions import DEEPEST, Given, read_arguments
from .layers import ALIASES, LARGEST, LAYERS
from .pointer import Span, close
from .spellings import WHOSE, WORDS, Constructor, bind, frameworks, split
from .spellings.keras_layers import input_shape
from .spellings.names import automatic
from .spellings.needs import Axes
from .spellings.sizes import Takes
from .tokens import Cursor, Token, plain
from .tree import Chain, Layer, Note, Scope, Shape, Spelling, show

_EXAMPLE = "conv -> bn -> relu"
MOST_LAYERS = 1_000
"""The most layers a chain may have: the time to decide grows with the square of their number, half a minute for 300."""


def parse(text: str) -> Chain:
    """Read a chain. Raises ChainError with a caret under the place that is wrong, and what was expected there."""
    return _Reader(plain(text)).chain()


class _Reader:
    """One pass over the tokens."""

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self.scope = Scope(text)
        self.frameworks = frameworks(_layer_words(self.cursor.tokens))
        self.containers = Containers(self.cursor, self.element)
        self.counts: Counter[str] = Counter()
        self.layers = 0
        self.input: tuple[int | None, ...] | None = None
        self.input_span = Span(0, 0)

    def fail(self, message: str, span: Span, hint: str) -> ChainError:
        return self.cursor.fail(message, span, hint)

    def chain(self) -> Chain:
        first = self.cursor.next
        if first.kind == "end":
            raise self.fail("empty chain", first.span, f"expected a layer, as in {_EXAMPLE}")
        layers = self.block(0, self.assigned())
        after = self.cursor.next
        if not layers:
            raise self.fail("there is no layer behind the input", after.span, f"expected one, as in {_EXAMPLE}")
        shape: Shape | None = None
        if after.kind == "shape":
            if self.input is not None:
                raise self.fail("the input shape is given twice", after.span, "expected it once")
            shape = self.shape(self.cursor.take())
            if self.frameworks == ("keras",) and len(shape) > 2:
                read = f"{show(shape)} has the channels before the positions"
                self.scope.notes.append(Note(read, "so does every @; Keras' Input(shape=…) has them last"))
        elif self.input is not None:
            shape, layers = self.given_input(self.input, layers)
        if self.cursor.next.kind != "end":
            raise self.leftover(self.cursor.next)
        text, scope = self.cursor.text, self.scope
        return Chain(layers, shape, text, tuple(scope.notes), dict(scope.sizes))

    def assigned(self) -> str:
        """The name under which the layers are kept, ``net`` in ``self.net = …``; nothing for a plain variable."""
        cursor = self.cursor
        if cursor.next.kind != "word" or cursor.after.text != "=":
            return ""
        target = cursor.take().text
        cursor.take()
        return target.removeprefix("self.") if target.startswith("self.") else ""

    def given_input(self, sizes: tuple[int | None, ...], layers: tuple[Layer, ...]) -> tuple[Shape | None, tuple[Layer, ...]]:
        """The shape if all its sizes are known, else the first layer with what is known of it."""
        known = tuple(size for size in sizes if size is not None)
        if len(known) == len(sizes):
            return known, layers
        needs = (Axes("Input", (len(sizes) - 2,)), Takes("Input", "shape", sizes[1], None, self.input_span))
        return None, (replace(layers[0], needs=(*needs, *layers[0].needs)), *layers[1:])

    def leftover(self, token: Token) -> ChainError:
        if token.kind == "mark" and token.text in ")]}":
            return self.fail(
                f"`{token.text}` without its opening bracket", token.span, "expected an arrow -> or the end of the chain"
            )
        if token.kind == "word" and self.cursor.after.text == "=":
            hint = "write the layers in their order, as in conv1: Conv2d(…) -> bn1: BatchNorm2d(…) -> ReLU"
            return self.fail("several statements say which layers there are, not in which order they run", token.span, hint)
        if token.kind in ("word", "label", "key"):
            return self.fail(f"missing arrow before {token.shown}", token.span, "expected -> before it")
        return self.fail(f"unexpected {token.shown}", token.span, "expected an arrow -> or the end of the chain")

    def block(self, depth: int, name: str = "") -> tuple[Layer, ...]:
        layers = [*self.element(depth, name)]
        while self.cursor.next.kind == "arrow":
            self.cursor.take()
            layers += self.element(depth, "")
        return tuple(layers)

    def element(self, depth: int, name: str, listed: bool = False) -> tuple[Layer, ...]:
        """The layers that stand next, named `name` if that is not empty; `listed` in a framework's own container."""
        cursor = self.cursor
        label = cursor.take() if cursor.next.kind == "label" else None
        word = cursor.next
        if word.kind != "word":
            raise self.no_layer(word)
        if depth > DEEPEST:
            raise self.fail("blocks are nested too deeply", word.span, f"expected at most {DEEPEST} levels")
        cursor.take()
        name = label.text if label else name
        if self.containers.opens(word):
            return self.containers.read(word, name, depth, self.keras(word))
        constructor, token = self.meaning(word)
        if constructor is None:
            layers: tuple[Layer, ...] = (replace(self.own(token, word, depth), name=name),)
        else:
            layers = self.framework(constructor, word, name, listed)
        whole = Span(word.span.start, cursor.tokens[cursor.at - 1].span.stop)
        layers = tuple(replace(layer, whole=whole) if layer.span == word.span else layer for layer in layers)
        self.layers += len(layers)
        if self.layers > MOST_LAYERS:
            hint = f"expected at most {MOST_LAYERS}: 300 take half a minute in each mode, twice as many four times as long"
            raise self.fail(f"more than {MOST_LAYERS} layers", word.span, hint)
        if label is None:
            return layers
        return tuple(
            replace(layer, spans={**layer.spans, "name": label.span}) if layer.name == name else layer for layer in layers
        )

    def keras(self, word: Token) -> bool:
        """Whether a container is Keras'."""
        return split(word.text).owners == ("keras",) or self.frameworks == ("keras",)

    def meaning(self, word: Token) -> tuple[Constructor | None, str]:
        """What the word is: a framework's constructor, or our layer. Raises ChainError for one that is neither."""
        found = split(word.text)
        base, ours = found.text, ALIASES.get(word.text.lower(), word.text.lower())
        owner = self.owner(word, found.owners, ours)
        if owner is not None:
            words = WORDS[owner]
            if base in words.constructors:
                return words.constructors[base], ""
            if base in words.refused:
                raise self.fail(f"{WHOSE[owner]} {base} cannot be said in a chain", word.span, words.refused[base])
            best = close(base, words.constructors)
            hint = f"did you mean {best}?" if best else f"expected one of {WHOSE[owner]} layers, such as {_FIRST[owner]}"
            raise self.fail(f"unknown layer {word.shown}", word.span, hint)
        if ours not in LAYERS:
            theirs = [name for words in WORDS.values() for name in words.constructors] if base != base.lower() else []
            best = close(base, [*theirs, *LAYERS, *ALIASES])
            hint = f"did you mean {best}?" if best else f"expected one of {', '.join(LAYERS)}"
            raise self.fail(f"unknown layer {word.shown}", word.span, hint)
        return None, ours

    def owner(self, word: Token, owners: tuple[Spelling, ...], ours: str) -> Spelling | None:
        """The framework that the word belongs to: its only owner; of several, the one that the chain's other words decide for."""
        if len(owners) < 2:
            return owners[0] if owners else None
        if len(self.frameworks) == 1:
            return self.frameworks[0]
        if len(self.frameworks) > 1:
            hint = f"write nn.{word.text} or layers.{word.text}"
            raise self.fail(f"{word.shown} is in PyTorch and in Keras, and the chain has words of both", word.span, hint)
        names = self.keywords()
        if ours in LAYERS and names <= set(LAYERS[ours].by_name):
            return None
        for owner in owners:
            constructor = WORDS[owner].constructors.get(word.text)
            if constructor is not None and all(constructor.parameter(name) for name in names):
                return owner
        return None if ours in LAYERS else owners[0]

    def keywords(self) -> set[str]:
        """The names of the arguments in the bracket that stands next."""
        cursor, found, depth = self.cursor, set[str](), 0
        if not cursor.sees("("):
            return found
        for token, after in zip(cursor.tokens[cursor.at :], cursor.tokens[cursor.at + 1 :], strict=False):
            if token.kind == "mark":
                depth += (token.text in "([{") - (token.text in ")]}")
            if depth == 0:
                break
            if depth == 1 and token.kind == "word" and after.kind == "mark" and after.text == "=":
                found.add(token.text)
        return found

    def framework(self, constructor: Constructor, word: Token, name: str, listed: bool) -> tuple[Layer, ...]:
        given = self.arguments() if self.cursor.skip("(") else None
        others = WORDS[constructor.spelling].constructors
        call = bind(constructor, word.text, word.span, given, self.scope, others)
        if constructor.spelling == "pytorch":
            call = replace(call, printed=self.containers.printing > 0, fed=bool(self.containers.inside))
            return tuple(replace(layer, name=name) for layer in call.translated())
        if constructor.token:
            if not name and listed and call.values["name"] is None:
                name = automatic(constructor, self.counts)
            call = replace(call, values={**call.values, "name": name or call.values["name"]})
        shape = input_shape(call)
        if shape is not None and (self.layers == 0 or not constructor.token):
            if self.layers or self.input is not None:
                raise self.fail("the input stands behind a layer", word.span, "expected it first")
            self.input, self.input_span = shape, word.span
        return call.translated()

    def arguments(self) -> tuple[Given, ...]:
        return read_arguments(self.cursor)

    def own(self, token: str, word: Token, depth: int) -> Layer:
        opened = self.cursor.take() if self.cursor.sees("(") else None
        if LAYERS[token].branches[1]:
            return Layer(token, {}, self.branches(token, word, opened, depth + 1), word.span, constructor=word.text)
        given: Sequence[Given] = ()
        if opened is not None:
            self.no_layer_inside()
            names = ", ".join(LAYERS[token].by_name)
            given = read_arguments(self.cursor, f"expected an argument; {token} takes {names or 'none'}")
        values, spans = read_own(token, given, self.cursor.text)
        return Layer(token, values, (), word.span, spans, constructor=word.text)

    def no_layer_inside(self) -> None:
        first = self.cursor.next
        word = first.text.lower()
        if first.kind == "word" and ALIASES.get(word, word) in LAYERS and self.cursor.after.text != "=":
            blocks = ", ".join(name for name, signature in LAYERS.items() if signature.branches[1])
            hint = f"expected arguments: only {blocks} take layers"
            raise self.fail(f"unexpected layer {first.shown} in brackets", first.span, hint)

    def no_layer(self, token: Token) -> ChainError:
        before = self.cursor.tokens[self.cursor.at - 1] if self.cursor.at else None
        if before and before.kind == "arrow":
            if token.kind == "arrow":
                return self.fail("two arrows in a row", token.span, "expected a layer between them")
            if token.last:
                return self.fail("the chain ends in an arrow", before.span, "expected a layer after it")
            return self.fail(f"unexpected {token.shown}", token.span, "expected a layer after the arrow")
        if before and token.kind == "end":
            return self.cursor.unclosed()
        if before is None and token.kind == "shape":
            return self.fail("the input shape stands first", token.span, "expected it at the end of the chain")
        if before is None and token.kind == "arrow":
            return self.fail("the chain starts with an arrow", token.span, "expected a layer before it")
        if before is None and token.kind == "key":
            hint = "put Sequential( … ) around them, if they run one after the other"
            return self.fail("these entries of a printed model do not say what they are part of", token.span, hint)
        if before and token.text in (")", ";"):
            return self.fail("empty block", token.span, "expected a layer; identity is the one that does nothing")
        return self.fail(f"unexpected {token.shown}", token.span, f"expected a layer, as in {_EXAMPLE}")

    def branches(self, token: str, name: Token, opened: Token | None, depth: int) -> tuple[tuple[Layer, ...], ...]:
        cursor, (least, most) = self.cursor, LAYERS[token].branches
        form = f"{token}(conv; identity)" if least > 1 else f"{token}(conv -> bn)"
        if opened is None:
            raise self.fail(f"{token} needs a block", name.span, f"expected brackets, as in {form}")
        found = [self.block(depth)]
        while cursor.sees(";"):
            separator = cursor.take()
            if len(found) == most:
                raise self.fail(f"{token} takes one block", separator.span, "expected ) here; add(…; …) takes several")
            found.append(self.block(depth))
        if cursor.next.last:
            raise cursor.unclosed()
        if not cursor.sees(")"):
            hint = "expected an arrow ->, a semicolon ; or a closing )"
            raise self.fail(f"unexpected {cursor.next.shown}", cursor.next.span, hint)
        if len(found) < least:
            raise self.fail(f"{token} needs {least} blocks or more", name.span, f"expected a semicolon, as in {form}")
        cursor.take()
        return tuple(found)

    def shape(self, token: Token) -> Shape:
        sizes = re.split(r"\s*[x×]\s*", token.text[1:].strip())
        good = all(re.fullmatch(r"[0-9]{1,13}", size) and 1 <= int(size) <= LARGEST for size in sizes)
        if not good or len(sizes) > 5:
            hint = "expected 1 to 5 sizes of 1 or more, batch and channels first, as in @ 4x3x32x32"
            raise self.fail("bad input shape", token.span, hint)
        return tuple(int(size) for size in sizes)


_FIRST: dict[Spelling, str] = {"own": "conv", "pytorch": "Conv2d", "keras": "Conv2D"}


def _layer_words(tokens: Sequence[Token]) -> list[str]:
    """The words that can be layers: not the names of arguments. A printed model's keys speak PyTorch."""
    words = [token.text for token, after in pairwise(tokens) if token.kind == "word" and after.text != "="]
    return [*words, *("nn.Module" for token in tokens if token.kind == "key")]
