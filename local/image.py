"""The Dockerfile without Docker: `python -m local.image` runs its every instruction, then what it makes.

Each stage is this machine's own root file system under a layer that is thrown away, so it needs Linux, root, and a
Python of the base's version; packages come from the registry as in a real build. What was made is then run as the
Dockerfile says: as its user, without capabilities, the root file system read-only, /data a volume, /tmp in memory.
What this cannot show is the base image itself.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from local.dockerfile import ROOT, Instruction, Stage, let_in, stages

_HEALTHY_SECONDS = 60
_UNTOUCHED = ("build", "data", "opt/skillgraph", "wheels")
_NETWORK = ("PIP_", "SSL_", "REQUESTS_", "HTTP", "NO_PROXY", "http", "no_proxy")


class Image:
    """One stage: its root folder and what its instructions have set so far."""

    def __init__(self, layer: Path) -> None:
        for part in ("upper", "work", "root"):
            (layer / part).mkdir(parents=True)
        self.root = layer / "root"
        _mount("overlay", self.root, f"lowerdir=/,upperdir={layer / 'upper'},workdir={layer / 'work'}")
        for name in ("proc", "dev"):
            _run("mount", "--rbind", f"/{name}", str(self.root / name))
        there = [name for name in _UNTOUCHED if (self.root / name).exists()]
        assert not there, f"this machine has /{there[0]} already: it would not be a clean build"
        (self.root / "root").chmod(0o755)  # where this machine may have its Python
        self.environment = {name: value for name, value in os.environ.items() if name.startswith(_NETWORK)}
        self.environment |= {"PATH": f"{sys.base_prefix}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin", "HOME": "/root"}
        self.folder, self.user, self.last = "/", "0:0", dict[str, str]()

    def take(self, each: Instruction, images: dict[str, Image]) -> None:
        """Do what one instruction says; what only describes the image is kept in `last`."""
        if each.word == "RUN":
            _run("chroot", str(self.root), "/bin/sh", "-c", f"cd {self.folder} && {each.text}", env=self.environment)
        elif each.word == "COPY":
            self._copy(each, images)
        elif each.word == "WORKDIR":
            self.folder = each.text
            self.inside(each.text).mkdir(parents=True, exist_ok=True)
        elif each.word == "ENV":
            pairs = dict(pair.split("=", 1) for pair in shlex.split(each.text))
            self.environment |= {
                name: value.replace("$PATH", self.environment["PATH"]) for name, value in pairs.items()
            }
        elif each.word == "USER":
            self.user = each.text
        else:
            self.last[each.word] = each.text

    def inside(self, path: str) -> Path:
        """A path of the image as this machine sees it."""
        return self.root / os.path.normpath(os.path.join(self.folder, path)).lstrip("/")

    def seal(self) -> None:
        """A volume at /data, memory at /tmp, everything else read-only, and no right that its user does not have."""
        for path in ("data", "tmp"):
            owner = (self.root / path).stat()
            _mount("tmpfs", self.root / path, f"mode={owner.st_mode & 0o7777:o},uid={owner.st_uid},gid={owner.st_gid}")
        _run("mount", "-o", "remount,ro", str(self.root))

    def start(self, *command: str, stderr: int | None = None) -> subprocess.Popen[bytes]:
        """A command in the sealed image."""
        uid, gid = self.user.split(":")
        rights = [f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
        shell = ["/bin/sh", "-c", f'cd {self.folder} && exec "$@"', "sh"]
        whole = ["chroot", str(self.root), "setpriv", *rights, "--inh-caps=-all", *shell, *command]
        return subprocess.Popen(whole, env=self.environment, stderr=stderr)

    def _copy(self, each: Instruction, images: dict[str, Image]) -> None:
        origin = next((flag.removeprefix("--from=") for flag in each.flags if flag.startswith("--from=")), None)
        *sources, target = each.text.split()
        for source in sources:
            if origin:
                shutil.copytree(images[origin].inside(source), self.inside(target), symlinks=True, dirs_exist_ok=True)
            else:
                self._from_checkout(source, self.inside(target))

    def _from_checkout(self, source: str, target: Path) -> None:
        if (ROOT / source).is_file():
            shutil.copy(ROOT / source, target)
            return
        for path in (path for path in checked_out() if path.startswith(f"{source}/") and let_in(path)):
            to = target / path.removeprefix(f"{source}/")
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, to)


def checked_out() -> list[str]:
    """The files of the checkout that git knows or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in told.splitlines() if (ROOT / path).is_file()]


def build(folder: Path, told: Sequence[Stage]) -> Image:
    """Run every instruction; the last stage is the image."""
    images: dict[str, Image] = {}
    image = None
    for number, (base, *rest) in enumerate(told):
        image = Image(folder / str(number))
        images[base.text.partition(" AS ")[2] or str(number)] = image
        for each in rest:
            print(each.word, *each.flags, each.text, flush=True)
            image.take(each, images)
    assert image is not None
    return image


def prove(image: Image) -> None:
    """The sealed image serves, says that it is healthy, and says it no more once it has stopped."""
    image.seal()
    assert image.start("touch", "/written", stderr=subprocess.DEVNULL).wait(), "the root file system can be written"
    command = json.loads(image.last["ENTRYPOINT"]) + json.loads(image.last["CMD"])
    check = json.loads(image.last["HEALTHCHECK"].removeprefix("CMD "))
    server, began = image.start(*command), time.monotonic()
    try:
        while image.start(*check, stderr=subprocess.DEVNULL).wait():
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < began + _HEALTHY_SECONDS, "it never was healthy"
            time.sleep(0.2)
        print(f"healthy after {time.monotonic() - began:.1f} s")
    finally:
        server.terminate()
        server.wait()
    assert image.start(*check, stderr=subprocess.DEVNULL).wait(), "healthy without a server"


def main() -> int:
    """In a mount namespace of its own, so that nothing is left on the machine."""
    if os.environ.get("IN_OWN_MOUNTS") != "1":
        again = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "local.image"]
        return subprocess.run(again, env=os.environ | {"IN_OWN_MOUNTS": "1"}, cwd=ROOT, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="image-") as name:
        folder = Path(name)
        _mount("tmpfs", folder, "size=8g")
        try:
            prove(build(folder, stages()))
        finally:
            with suppress(subprocess.CalledProcessError):
                _run("umount", "--recursive", "--lazy", name)
    return 0


def _mount(kind: str, where: Path, options: str) -> None:
    _run("mount", "-t", kind, "-o", options, kind, str(where))


def _run(*command: str, env: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, env=env)


if __name__ == "__main__":
    sys.exit(main())
