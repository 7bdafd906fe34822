"""Who holds a lock: a process of a machine, told apart from every other that is or was."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path
from uuid import uuid4

_START = 19  # of the fields after the process's name in /proc/PID/stat: when it started, in ticks since boot
_GONE = ("Z", "X")  # ended, and waiting for its parent to notice
_SEPARATOR = " "


def new_owner() -> str:
    """`machine process start unique`: one holding of one lock by this process."""
    process = os.getpid()
    return _SEPARATOR.join([_machine(), str(process), _state(process)[1], uuid4().hex])


def is_dead(owner: str) -> bool:
    """Whether the process is seen to be dead: it was of this machine and is no more. Of others nothing is known."""
    machine, process, start, _ = owner.split(_SEPARATOR)
    if not start or machine != _machine():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    state, started = _state(int(process))
    return state in _GONE or started not in ("", start)


def shown(owner: str) -> str:
    """For people: which process of which machine."""
    machine, process, _, _ = owner.split(_SEPARATOR)
    return f"process {process} on {machine.partition('/')[0]}"


@cache
def _machine() -> str:
    """This machine since it was booted, as far as processes see each other on it: containers are machines too."""
    return f"{socket.gethostname()}/{_boot()}/{_namespace()}".replace(_SEPARATOR, "_")


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _state(process: int) -> tuple[str, str]:
    """A process's state and when it started; ("", "") where the system does not tell."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return "", ""
    fields = stat.rpartition(")")[2].split()
    return fields[0], fields[_START]
