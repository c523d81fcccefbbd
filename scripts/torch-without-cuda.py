"""Lets a CUDA build of PyTorch start where CUDA's libraries are not installed: see scripts/torch-env.mjs.

Makes one library with every function that PyTorch's own libraries lack, under CUDA's symbol versions, and links it under
each name that they ask for. Each function returns 100, CUDA's "no device", so that PyTorch finds no GPU. Needs a C
compiler and binutils. Run by the Python that has torch.
"""

import importlib.util
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

STAND_IN = "libpepnet_no_cuda.so"
FUNCTIONS = re.compile(r"^(__cuda|cu|nccl|nv)")
LIBRARIES = re.compile(r"NEEDED.*\[(lib(?:cu|nccl|nv)[^\]]*)\]")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(libraries, which):
    """Names of symbols, with their version or ''."""
    for line in output("nm", "-D", which, *map(str, libraries)).splitlines():
        fields = line.split()
        if len(fields) >= 2:
            name, _, version = fields[-1].partition("@")
            yield name, version.lstrip("@")


def main():
    folder = Path(importlib.util.find_spec("torch").origin).parent / "lib"
    libraries = [path for path in folder.glob("lib*.so*") if not path.is_symlink() and path.name != STAND_IN]
    there = {name for name, _ in symbols(libraries, "--defined-only")}
    lacking = defaultdict(set)
    for name, version in symbols(libraries, "--undefined-only"):
        if FUNCTIONS.match(name) and name not in there:
            lacking[version].add(name)
    with tempfile.TemporaryDirectory() as scratch:
        source, versions = Path(scratch, "stand-in.c"), Path(scratch, "versions")
        names = sorted(set().union(*lacking.values()))
        source.write_text("\n".join(f"int {name}(void) {{ return 100; }}" for name in names))
        nodes = [(version, sorted(found)) for version, found in lacking.items() if version]
        versions.write_text("\n".join(f"{version} {{ {' '.join(f'{n};' for n in found)} }};" for version, found in nodes))
        script = [f"-Wl,--version-script={versions}"] if nodes else []
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-w", "-o", str(folder / STAND_IN), str(source), *script], check=True)
    for name in sorted(set(LIBRARIES.findall(output("readelf", "-d", *map(str, libraries))))):
        if not (folder / name).exists():
            (folder / name).symlink_to(STAND_IN)


if sys.platform == "linux":
    main()
