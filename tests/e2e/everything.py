"""Importing this imports all that drtool may need, and makes its pages' templates ready."""

import importlib
import pkgutil

import drtool
from drtool.render.templates import templates

for _module in pkgutil.walk_packages(drtool.__path__, "drtool."):
    if not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)
for _name in templates().list_templates(extensions=["j2"]):
    templates().get_template(_name)
