"""What drtool's own source says of codes: where each is raised or entered, with which class, and what compares them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from drtool.errors.code import ExitClass
from tests.syntax import modules, tree

_CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")
_MAKERS = {
    "RestoreFailed": ExitClass.FAILED,
    "Unverifiable": ExitClass.UNVERIFIED,
    "WrongUse": ExitClass.WRONG_USE,
    "failed": ExitClass.FAILED,
    "unverified": ExitClass.UNVERIFIED,
    "Break": ExitClass.FAILED,
}
"""What makes an error or a problem of the code that is its first argument."""

_HANDED_ON_BY = (
    ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Return, ast.IfExp, ast.BoolOp, ast.Dict, ast.List, ast.keyword,
    ast.arguments, ast.ClassDef,
)  # fmt: skip
"""Where a maker that is mentioned gets another name, a subclass or another place to be called from."""
_LOOK_ONLY = {"isinstance", "issubclass", "suppress"}

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Place:
    """A line of the source."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Use:
    """A code, and the class that it is raised or entered with."""

    code: str
    exit_class: ExitClass
    place: Place


@dataclass(frozen=True)
class Comparison:
    """A decision by a code: the strings that it is held against, or None where they cannot be read from the source."""

    codes: frozenset[str] | None
    place: Place


@dataclass
class Module:
    """A file of the source.

    Attributes:
        calls: every call, with the innermost function that it stands in.
        functions: by their names, methods too.
        owners: the class of each method.
        values: the module's constants.
        names: what it imports.
        ours: what of that is this project's, modules with the way to them.
    """

    path: Path
    root: Path
    tree: ast.Module
    calls: list[tuple[ast.Call, _Function | None]] = field(default_factory=list)
    functions: dict[str, list[_Function]] = field(default_factory=dict)
    owners: dict[_Function, str] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)

    def place(self, node: ast.AST) -> Place:
        return Place(str(self.path.relative_to(self.root)), getattr(node, "lineno", 0))


@dataclass(frozen=True)
class Maker:
    """What makes an error, a problem or a warning of an argument.

    Attributes:
        exit_class: what it makes of the code.
        position: where the code stands among the positional arguments, without `self`.
        keyword: the code's name as an argument.
        owner: the class that it is a method of; None for a function or a class.
    """

    exit_class: ExitClass
    position: int = 0
    keyword: str = "code"
    owner: str | None = None


class Source:
    """The source below some folders, parsed."""

    def __init__(self, root: Path, *folders: str) -> None:
        files = [path for folder in folders for path in modules(root / folder)]
        self.modules = [_module(path, root) for path in files]
        self._makers = {name: {Maker(exit_class)} for name, exit_class in _MAKERS.items()}
        self._makers["warning"] = {Maker(ExitClass.WARNING, owner="Journal")}
        self.unread: list[Place] = []
        while sum(self._discover(module) for module in self.modules):
            pass

    def uses(self) -> list[Use]:
        """Return where codes are raised or entered; where no code can be read is in `unread` then."""
        return [use for module in self.modules for use in (*_rows(module), *self._uses(module))]

    def comparisons(self) -> list[Comparison]:
        """Return what is decided by a code."""
        return [found for module in self.modules for found in _comparisons(module)]

    def _discover(self, module: Module) -> bool:
        """Find functions that pass on an argument as a code; tell whether there was a new one."""
        new = False
        for call, function, maker in self._made(module):
            given = _argument(call, maker)
            if function and isinstance(given, ast.Name) and given.id in (parameters := _parameters(function)):
                owner = module.owners.get(function)
                position = parameters.index(given.id) - (owner is not None)
                found = Maker(maker.exit_class, position, given.id, owner)
                known = self._makers.setdefault(function.name, set())
                new |= found not in known
                known.add(found)
        return new

    def _made(self, module: Module) -> Iterator[tuple[ast.Call, _Function | None, Maker]]:
        for call, function in module.calls:
            for maker in self._makers.get(_name(call.func), ()):
                if _is_named(maker, call.func, function, module):
                    yield call, function, maker

    def _uses(self, module: Module) -> Iterator[Use]:
        self.unread += map(module.place, self._out_of_sight(module))
        for call, function, maker in self._made(module):
            given = _argument(call, maker)
            if given is None:
                given = self._by_default(call, maker, module)
            if given is None or _is_code(given):
                continue  # passed on from another error
            if function and isinstance(given, ast.Name) and given.id in _parameters(function):
                continue  # its callers know
            codes = self._read(given, function, module)
            if not codes:
                self.unread.append(module.place(call))
            yield from (Use(code, maker.exit_class, module.place(call)) for code in codes)

    def _by_default(self, call: ast.Call, maker: Maker, module: Module) -> ast.expr | None:
        """Return what a function that passes a code on takes where none is given."""
        for _, function in self._called(call, module):
            named = [*function.args.posonlyargs, *function.args.args]
            defaults = dict(zip((one.arg for one in reversed(named)), reversed(function.args.defaults), strict=False))
            defaults |= {
                one.arg: default
                for one, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
                if default is not None
            }
            if maker.keyword in defaults:
                return defaults[maker.keyword]
        return None

    def _out_of_sight(self, module: Module) -> Iterator[ast.AST]:
        """Yield what makes or changes an error where no call of a maker is seen."""
        made = {call for call, _, _ in self._made(module)}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and node not in made:
                codes = (one.value for one in node.keywords if one.arg == "code")
                if _name(node.func) == "DrtoolError" or any(_CODE.fullmatch(_constant(one) or "") for one in codes):
                    yield node  # of no class
            elif _is_apart(node):
                yield node
            yield from (one for one in _handed_on(node) if self._is_maker(one, module))

    def _is_maker(self, node: ast.expr, module: Module) -> bool:
        """Tell whether an expression names a maker."""
        return any(_is_named(maker, node, None, module) for maker in self._makers.get(_name(node), ()))

    def _read(self, given: ast.expr, function: _Function | None, module: Module) -> set[str]:
        """Return the codes that an expression can be."""
        if code := _constant(given):
            return {code}
        if isinstance(given, ast.IfExp):
            return self._read(given.body, function, module) | self._read(given.orelse, function, module)
        if isinstance(given, ast.Attribute):
            return self._in_reach(given, module)
        if isinstance(given, ast.JoinedStr):
            return set()  # a code that is put together is found by nobody who looks for it
        bound = _bound(given, function) if function else ()
        return {code for expression in (given, *bound) for code in self._in_reach(expression, module)}

    def _in_reach(self, expression: ast.expr, module: Module, depth: int = 0) -> set[str]:
        """Return what looks like a code in an expression, in the constants it names and the functions it calls."""
        found = set()
        for node in ast.walk(expression):
            if (code := _constant(node)) and _CODE.fullmatch(code):
                found.add(code)
            elif isinstance(node, ast.Name) and node.id in module.values and depth < 2:
                found |= self._in_reach(module.values[node.id], module, depth + 1)
            elif isinstance(node, ast.Attribute) and _name(node.value) in module.classes:
                found |= set(_members(module.classes[_name(node.value)], node.attr))
            elif isinstance(node, ast.Attribute):
                found |= set(_fields(node.attr, module))
            elif isinstance(node, ast.Call) and depth < 2:
                for where, function in self._called(node, module):
                    for value in _returned(function):
                        for expression in (value, *_bound(value, function)):
                            found |= self._in_reach(expression, where, depth + 1)
        return found

    def _called(self, call: ast.Call, module: Module) -> Iterator[tuple[Module, _Function]]:
        if isinstance(call.func, ast.Name):
            yield from ((module, one) for one in module.functions.get(call.func.id, []))
        elif isinstance(call.func, ast.Attribute):
            for other in self.modules:
                if other.path.stem == _name(call.func.value):
                    yield from ((other, one) for one in other.functions.get(call.func.attr, []))


def _module(path: Path, root: Path) -> Module:
    module = Module(path, root, tree(path.read_text(encoding="utf-8")))
    _enter(module.tree, None, module)
    for statement in module.tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            module.values |= {target.id: statement.value for target in targets if isinstance(target, ast.Name)}
    return module


def _enter(node: ast.AST, function: _Function | None, module: Module) -> None:
    for child in ast.iter_child_nodes(node):
        within = function
        if isinstance(child, ast.Call):
            module.calls.append((child, function))
        elif isinstance(child, _Function):
            module.functions.setdefault(child.name, []).append(child)
            if isinstance(node, ast.ClassDef):
                module.owners[child] = node.name
            within = child
        elif isinstance(child, ast.ClassDef):
            module.classes[child.name] = child
            module.names.add(child.name)
        elif isinstance(child, ast.alias):
            module.names.add(child.asname or child.name)
            if child.name.startswith("drtool") or (
                isinstance(node, ast.ImportFrom) and (node.module or "").startswith("drtool")
            ):
                module.ours.add(child.asname or child.name)
        _enter(child, within, module)


def _rows(module: Module) -> Iterator[Use]:
    """Yield where a class and, behind it, a code stand in a table's row or are handed on together."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Tuple | ast.Call):
            row = node.elts if isinstance(node, ast.Tuple) else node.args
            for before, after in pairwise(row):
                name, code = _name(before), _constant(after)
                if code and name in _MAKERS and name in module.names:
                    yield Use(code, _MAKERS[name], module.place(after))


def _comparisons(module: Module) -> Iterator[Comparison]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(_is_code(side) for side in sides):
                others = [side for side in sides if not _is_code(side)]
                yield Comparison(
                    frozenset(text for side in others for text in _texts(side, module)), module.place(node)
                )
        elif isinstance(node, ast.Match) and _is_code(node.subject):
            cases = [one.value for case in node.cases for one in ast.walk(case) if isinstance(one, ast.MatchValue)]
            yield Comparison(frozenset(filter(None, map(_constant, cases))), module.place(node))
        elif isinstance(node, ast.MatchClass) and "code" in node.kwd_attrs:
            wanted = node.kwd_patterns[node.kwd_attrs.index("code")]
            cases = [one.value for one in ast.walk(wanted) if isinstance(one, ast.MatchValue)]
            yield Comparison(frozenset(filter(None, map(_constant, cases))), module.place(node.cls))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_code(node.func.value):
            yield Comparison(None, module.place(node))  # such as startswith()
        elif isinstance(node, ast.Call) and _name(node.func) == "get" and any(map(_is_code, node.args[:1])):
            codes = filter(_CODE.fullmatch, _texts(node.func, module))
            yield Comparison(frozenset(codes), module.place(node))


def _is_apart(node: ast.AST) -> bool:
    """Tell whether an error gets a class or a code of its own, or its class another name."""
    if isinstance(node, ast.ClassDef):
        return "DrtoolError" in map(_name, node.bases) and node.name not in _MAKERS
    if isinstance(node, ast.Assign):
        return any(_is_code(one) and ast.unparse(one) != "self.code" for one in node.targets)
    return isinstance(node, ast.alias) and bool(node.asname) and node.name in _MAKERS


def _handed_on(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what an expression or statement hands on without calling it; where a code is beside it, it is a row."""
    if isinstance(node, ast.Call):
        if _name(node.func) not in _LOOK_ONLY:
            yield from (one for one, beside in pairwise([*node.args, node.func]) if _constant(beside) is None)
    elif isinstance(node, ast.AnnAssign):
        yield from filter(None, [node.value])
    elif isinstance(node, _HANDED_ON_BY):
        yield from (one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr))


def _is_named(maker: Maker, named: ast.expr, function: _Function | None, module: Module) -> bool:
    """Tell whether an expression that ends in a maker's name is this maker."""
    if isinstance(named, ast.Name):
        return maker.owner is None and (named.id in module.names or named.id in module.functions)
    if not isinstance(named, ast.Attribute):
        return False
    if maker.owner is None:
        return ast.unparse(named.value) in module.ours
    receiver = _name(named.value)
    if receiver.strip("_") == maker.owner.lower():
        return True  # journal, self._journal
    if function is None or receiver == "self":
        return function is not None and module.owners.get(function) == maker.owner
    annotated = (one.annotation for one in function.args.args if one.arg == receiver and one.annotation)
    made = (value.func for value in _bindings(function, receiver) if isinstance(value, ast.Call))
    return maker.owner in map(_name, (*annotated, *made))


def _bound(expression: ast.expr, function: _Function) -> Iterator[ast.expr]:
    """Yield what the names in an expression are bound to in a function."""
    for name in {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}:
        yield from _bindings(function, name)


def _bindings(function: _Function, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        pairs: Iterable[tuple[ast.expr, ast.expr]] = ()
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, node.iter)]
        elif isinstance(node, ast.NamedExpr):
            pairs = [(node.target, node.value)]
        for target, value in pairs:
            if any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(target)):
                yield value


def _returned(function: _Function) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and node.value is not None:
            yield node.value


def _members(of: ast.ClassDef, name: str) -> Iterator[str]:
    for node in of.body:
        if isinstance(node, ast.Assign) and _name(node.targets[0]) == name and (value := _constant(node.value)):
            yield value


def _fields(name: str, module: Module) -> Iterator[str]:
    """Yield what a field of that name is given where objects are made."""
    for call, _ in module.calls:
        for given in call.keywords:
            if given.arg == name and (value := _constant(given.value)) and _CODE.fullmatch(value):
                yield value


def _texts(side: ast.expr, module: Module) -> Iterator[str]:
    values = [side, *(module.values[_name(node)] for node in ast.walk(side) if _name(node) in module.values)]
    for value in values:
        yield from filter(None, (_constant(node) for node in ast.walk(value)))


def _parameters(function: _Function) -> list[str]:
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def _argument(call: ast.Call, maker: Maker) -> ast.expr | None:
    named = next((one.value for one in call.keywords if one.arg == maker.keyword), None)
    return named or (call.args[maker.position] if len(call.args) > maker.position else None)


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _constant(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_code(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "code"
