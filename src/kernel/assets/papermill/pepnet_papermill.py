"""Lets papermill write parameters into TypeScript notebooks.

papermill has no entry point for translators, but it imports every "papermill.engine" entry point when it starts:
this module registers its translator when it is imported. It must not import papermill.engines itself.
"""
import json
import re

from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators


class TypeScriptTranslator(Translator):
    """Parameters as `let name = value;`, which the kernel allows to redeclare the default."""

    @classmethod
    def translate(cls, val):
        text = json.dumps(val, ensure_ascii=False, default=str)
        # A key that a literal would take for the prototype is one of JSON's.
        return f"JSON.parse({json.dumps(text)})" if "__proto__" in text else text

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}"

    @classmethod
    def assign(cls, name, str_val):
        return f"let {name} = {str_val};"

    _declaration = re.compile(
        r"^\s*(?:let|const|var)\s+(?P<name>[\w$]+)\s*(?::\s*(?P<type>[^=]+?))?\s*=\s*(?P<default>.+?);?\s*(?://\s*(?P<help>.*))?$"
    )

    @classmethod
    def inspect(cls, parameters_cell):
        """The parameters with their types, defaults and comments, a declaration a line, for `--help-notebook`."""
        found = map(cls._declaration.match, parameters_cell["source"].splitlines())
        return [
            Parameter(
                name=match["name"],
                inferred_type_name=(match["type"] or "None").strip(),
                default=match["default"].strip(),
                help=(match["help"] or "").strip(),
            )
            for match in found
            if match
        ]


for _name in ("typescript", "pepnet", "TypeScript (PEPNet)"):
    papermill_translators.register(_name, TypeScriptTranslator)
