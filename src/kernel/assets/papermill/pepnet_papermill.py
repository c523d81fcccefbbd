"""Lets papermill write parameters into TypeScript notebooks.

papermill has no entry point for translators, but it imports every "papermill.engine" entry point when it starts:
this module registers its translator when it is imported. It must not import papermill.engines itself.
"""
import json

from papermill.translators import Translator, papermill_translators


class TypeScriptTranslator(Translator):
    """Parameters as `let name = value;`, which the kernel allows to redeclare the default."""

    @classmethod
    def translate(cls, val):
        return json.dumps(val, ensure_ascii=False, default=str)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}"

    @classmethod
    def assign(cls, name, str_val):
        return f"let {name} = {str_val};"


for _name in ("typescript", "pepnet", "TypeScript (PEPNet)"):
    papermill_translators.register(_name, TypeScriptTranslator)
