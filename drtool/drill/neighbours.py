"""The modules beside a scenario script: each script finds its own, though two folders have some of the same name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from drtool.drill.mistakes import is_beside


class Neighbours:
    """What a script imports from its folder, and from where else it says; known to it alone, while it loads and drills.

    Its folder is the last to be looked into, so that a script called docker.py does not stand in for the library.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._way = [*sys.path] if str(folder) in sys.path else [*sys.path, str(folder)]
        self._modules: dict[str, ModuleType] = {}

    @contextmanager
    def within_reach(self) -> Iterator[None]:
        """Let them be found in the block, and by no other script after it."""
        before, path = set(sys.modules), list(sys.path)
        sys.path[:] = self._way
        sys.modules.update(self._modules)
        try:
            yield
        finally:
            self._way = list(sys.path)
            folders = [self._folder, *(Path(one).absolute() for one in self._way if one not in path)]
            for name, module in list(sys.modules.items()):
                # A folder of modules without an __init__.py has no file, but places.
                places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
                own = any(is_beside(Path(one), folder) for one in places if one for folder in folders)
                if own and name not in before and not name.startswith("drtool_scenario_"):
                    self._modules[name] = sys.modules.pop(name)
            sys.path[:] = path
