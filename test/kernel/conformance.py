"""Jupyter's own conformance suite for kernels (jupyter_kernel_test), with a sample for each of its tests."""
import unittest

import jupyter_kernel_test

NOTEBOOK = 'const notebook = (globalThis as any)[Symbol.for("pepnet.display")];\n'


class PepnetKernel(jupyter_kernel_test.KernelTests):
    kernel_name = "pepnet"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("to stderr")'
    code_generate_error = 'throw new Error("on purpose")'
    code_page_something = "console?"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "const text: string = 'a'; text", "result": "'a'"},
        {"code": "await Promise.resolve([1, 2])", "result": "[ 1, 2 ]"},
    ]
    code_display_data = [
        {"code": NOTEBOOK + 'notebook.display({ "text/html": "<b>x</b>" })', "mime": "text/html"},
        {"code": 'notebook.display({ "image/png": "AQID" })', "mime": "image/png"},
    ]
    code_clear_output = NOTEBOOK + "notebook.clear()"
    completion_samples = [
        {"text": "conso", "matches": {"console"}},
        {"text": "console.lo", "matches": {"log"}},
    ]
    code_inspect_sample = "console"
    complete_code_samples = ["1", "const a = 1;", "function f() {\n  return 1;\n}", "await Promise.resolve()"]
    incomplete_code_samples = ["if (true) {", "f(1,", "const t = `a", "/* a"]
    invalid_code_samples = ["const = 1;", "} else {"]
    code_history_pattern = "6*7"
    supported_history_operations = ("tail", "range", "search")


if __name__ == "__main__":
    result = unittest.main(verbosity=2, exit=False).result
    complete = result.wasSuccessful() and result.testsRun >= 12 and not result.skipped
    if result.skipped:
        print("skipped:", *(str(test) for test, _ in result.skipped))
    raise SystemExit(0 if complete else 1)
