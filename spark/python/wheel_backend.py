"""Builds the wheel of this folder with Python alone, so that it needs no network (PEP 517, PEP 427)."""

import base64
import hashlib
import pathlib
import re
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Writes the wheel, and gives its name."""
    project = (HERE / "pyproject.toml").read_text(encoding="utf-8")

    def said(key):
        return re.search(rf'^{key} = [^"\n]*"([^"\n]+)"', project, re.MULTILINE).group(1)

    name, version = said("name").replace("-", "_"), said("version")
    info = f"{name}-{version}.dist-info"
    files = {path.relative_to(HERE / "src").as_posix(): path.read_bytes() for path in sorted((HERE / "src").rglob("*.py"))}
    files[f"{info}/METADATA"] = "\n".join([
        "Metadata-Version: 2.1", f"Name: {said('name')}", f"Version: {version}", f"Summary: {said('description')}", f"License: {said('license')}",
        f"Requires-Python: {said('requires-python')}", "Provides-Extra: spark", f"Requires-Dist: {said('spark')} ; extra == 'spark'", "",
    ]).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: keralens\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items())
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    wheel = f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as out:
        for path, content in files.items():
            out.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return wheel


def digest(content):
    """As RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
