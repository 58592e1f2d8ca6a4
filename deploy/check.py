"""Check the files of this folder without running them: no container engine, cluster or systemd at work is needed.

make deploy-check
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

HERE = Path(__file__).parent
PROGRAM = "/opt/lvzhi/.venv/bin/lvzhi"
PINNED = re.compile(r"[^:@\s]+(:\d+\.\d+[\w.-]*|@sha256:[0-9a-f]{64})")


def check_dockerfile() -> Iterator[str]:
    """What is wrong with the Dockerfile: bases that are not pinned, root, no health check, files that are not there."""
    text = (HERE / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    said = [(words[0].upper(), words[1] if len(words) > 1 else "") for words in lines]
    for name, value in said:
        if name == "FROM" and not PINNED.fullmatch(value.split()[0]):
            yield f"Dockerfile: the base {value} is not pinned"
        if name == "COPY" and "--from" not in value:
            places = [word for word in value.split() if not word.startswith("--")][:-1]
            yield from (f"Dockerfile: there is no {place}" for place in places if not (HERE.parent / place).exists())
    users = [value for name, value in said if name == "USER"]
    if not users or users[-1].split(":")[0] in ("root", "0"):
        yield "Dockerfile: it ends as root"
    if not any(name == "HEALTHCHECK" for name, _ in said):
        yield "Dockerfile: no health check"


def check_compose() -> Iterator[str]:
    """What is wrong with the compose file: by the schema of the specification, by Compose itself where it is here."""
    path = HERE / "compose.yaml"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    yield from _run("compose.yaml", command)
    services = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
    for name, service in services.items():
        if service["image"].startswith("lvzhi"):
            continue
        if not PINNED.fullmatch(service["image"]):
            yield f"compose.yaml: the image of {name} is not pinned"
    if shutil.which("docker") and not subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        filled = {line.partition("=")[0]: "x" for line in _settings()}
        yield from _run("compose.yaml", ["docker", "compose", "-f", str(path), "config", "--quiet"], filled)
    known = {line.partition("=")[0] for line in _settings()} | {"LVZHI_VERSION"}
    for name in set(re.findall(r"\$\{(\w+)", path.read_text(encoding="utf-8"))) - known:
        yield f"compose.yaml: {name} is missing in env.example"


def _settings() -> list[str]:
    lines = (HERE / "env.example").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def check_kubernetes() -> Iterator[str]:
    """What is wrong with the manifests: by the schemas of Kubernetes; files that are not listed, selectors that fit nothing."""
    import kubernetes_validate

    folder = HERE / "kubernetes"
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    files = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
    yield from (f"kubernetes/{name}: not in kustomization.yaml, or not there" for name in files ^ set(listed))
    labels, selected = [], []
    for name in sorted(files):
        for document in yaml.safe_load_all((folder / name).read_text(encoding="utf-8")):
            try:
                kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
            except kubernetes_validate.ValidationError as error:
                yield f"kubernetes/{name}: {'.'.join(map(str, error.path))}: {error.message}"
            spec = document.get("spec", {})
            if document["kind"] == "Deployment":
                labels.append(spec["template"]["metadata"]["labels"])
                selected.append((name, spec["selector"]["matchLabels"]))
            if document["kind"] == "Service":
                selected.append((name, spec["selector"]))
            if document["kind"] == "NetworkPolicy":
                selected.append((name, spec["podSelector"]["matchLabels"]))
    for name, selector in selected:
        if not any(selector.items() <= label.items() for label in labels):
            yield f"kubernetes/{name}: {selector} selects nothing"


def check_units() -> Iterator[str]:
    """What is wrong with the unit files, by systemd itself; nothing where it is not here."""
    if not shutil.which("systemd-analyze"):
        print("units: not checked, there is no systemd-analyze here")
        return
    with tempfile.TemporaryDirectory() as folder:
        units = []
        for path in sorted((HERE / "systemd").iterdir()):
            copy = Path(folder) / path.name
            # The program need not be installed where this is checked.
            copy.write_text(path.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true"), encoding="utf-8")
            units.append(str(copy))
        yield from _run("systemd", ["systemd-analyze", "verify", "--man=no", *units])


def _run(what: str, command: list[str], settings: dict[str, str] | None = None) -> Iterator[str]:

    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | (settings or {}))
    if done.returncode or (what == "systemd" and done.stderr.strip()):
        yield f"{what}: {(done.stdout + done.stderr).strip()}"


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (check_dockerfile, check_compose, check_kubernetes, check_units)


def main() -> int:
    """All checks; 1 where something is wrong."""
    wrong = [problem for check in CHECKS for problem in check()]
    for problem in wrong:
        print(problem, file=sys.stderr)
    print(f"{len(CHECKS)} checks, {len(wrong)} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
