"""One Neo4j server process: started, stopped, killed, started again on the same data, filled while it is stopped."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from local.jars import CannotRun, jars

HOST = "127.0.0.1"
USER = "neo4j"
START_SECONDS = 180.0
STOP_SECONDS = 30.0
_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent", "java.lang")
BRIEF = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Of a server that lives for minutes: it is warm after half the work, and slower from then on."""
LASTING = ("-XX:+UseG1GC",)
_FLAGS = (
    "-Dio.netty.tryReflectionSetAccessible=true",
    "--enable-native-access=ALL-UNNAMED",
    "-Dlog4j2.disable.jmx=true",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
)


class Neo4j:
    """A server of loopback. Its process never outlives this one, however this one ends.

    `home` keeps the data; without it they lie in a temporary folder that goes with the server. `port` None takes a
    free one. With a `password` the user neo4j must give it. `java` are flags of the virtual machine; `settings` are
    added to neo4j.conf.
    """

    def __init__(
        self, *, home: Path | None = None, port: int | None = None, heap: str = "512m", password: str | None = None,
        java: Sequence[str] = BRIEF, settings: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.password = password
        self.port = port or _free_port()
        self._java_flags = (f"-Xmx{heap}", *java, *_FLAGS)
        self._settings = dict(settings or {})
        self._passing = home is None
        self.home = Path(tempfile.mkdtemp(prefix="neo4j-")) if home is None else home.resolve()
        self._guard: subprocess.Popen[bytes] | None = None
        self._java = 0

    @property
    def url(self) -> str:
        """The address as SKILLGRAPH_STORE takes it."""
        who = f"{USER}:{self.password}@" if self.password else ""
        return f"neo4j://{who}{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Of the running server, None when it is stopped."""
        return self._java if self._guard and self._guard.poll() is None else None

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """Start it, with these settings from now on, and wait until it answers over Bolt; raises `CannotRun`."""
        self._settings |= settings or {}
        refuse_taken(self.port)
        self._write_configuration()
        self._launch()
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it as an operator would; the data stay."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9; the data stay as they lie."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End it, and remove the data unless they have a home of their own."""
        if not self._passing:
            self.stop()
            return
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def admin(self, *arguments: str) -> str:
        """What `neo4j-admin` says to these arguments; the server must be stopped for most. Raises `CannotRun`."""
        self._write_configuration()
        ran = subprocess.run(
            self._command("org.neo4j.cli.AdminTool", *arguments),
            env=os.environ | {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise CannotRun(f"neo4j-admin {arguments[0]} failed: {(ran.stderr or ran.stdout).strip()}")
        return ran.stdout

    def __enter__(self) -> Neo4j:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _launch(self) -> None:
        if self.password and not (self.home / "data" / "dbms").exists():
            self.admin("dbms", "set-initial-password", self.password)
        command = self._command(
            "org.neo4j.server.CommunityEntryPoint",
            f"--home-dir={self.home}",
            f"--config-dir={self.home / 'conf'}",
            "--console-mode",
        )
        guard = ["sh", str(Path(__file__).with_name("guard.sh")), str(self.home) if self._passing else ""]
        with self._console.open("wb") as console:
            self._guard = subprocess.Popen(
                [*guard, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=console,
                start_new_session=True,  # Ctrl-C is for us
            )
        assert self._guard.stdout is not None
        self._java = int(self._guard.stdout.readline())

    def _wait(self) -> None:
        """Until it answers a query; an end of the process, or too long a silence, is told with its last words."""
        until = time.monotonic() + START_SECONDS
        while not (self._says_started() and answers(self.port, self.password)):
            if self.pid is None:
                refuse_taken(self.port)  # somebody was faster
                raise CannotRun(f"Neo4j ended while it started: {self._last_words()}")
            if time.monotonic() > until:
                raise CannotRun(f"Neo4j does not answer after {START_SECONDS:.0f} s: {self._last_words()}")
            time.sleep(0.1)

    def _end(self, how: signal.Signals) -> None:
        if self._guard is None:
            return
        if self.pid is not None:
            os.kill(self._java, how)
        try:
            self._guard.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.kill(self._java, signal.SIGKILL)
        with self._guard:  # waits, and closes its pipes
            self._guard = None

    def _command(self, main: str, *arguments: str) -> Sequence[str]:
        return ["java", *self._java_flags, "-cp", f"{jars()}/*", main, *arguments]

    @property
    def _console(self) -> Path:
        return self.home / "logs" / "console.log"

    def _says_started(self) -> bool:
        """So that no other server that took the port a moment sooner is taken for this one."""
        return b" Started." in self._console.read_bytes()

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._console.read_text(errors="replace").splitlines() if line.strip()]
        told = [line for line in lines if "ERROR" in line or "Caused by" in line]
        return " / ".join((told or lines)[-3:]) or "it said nothing"

    def _write_configuration(self) -> None:
        for name in ("conf", "logs", "data", "import"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        chosen = {
            "server.default_listen_address": HOST,
            "server.bolt.listen_address": f"{HOST}:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.memory.pagecache.size": "128m",
            "server.directories.logs": "logs",
            "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",  # else a stop takes ten seconds
            "db.tx_log.preallocate": "false",
            "dbms.security.auth_enabled": str(self.password is not None).lower(),
            "dbms.security.auth_minimum_password_length": "1",
            "dbms.usage_report.enabled": "false",
        } | self._settings
        text = "".join(f"{name}={value}\n" for name, value in chosen.items())
        (self.home / "conf" / "neo4j.conf").write_text(text, encoding="utf-8")


def answers(port: int, password: str | None = None) -> bool:
    """Whether a Neo4j there answers a query now."""
    auth = (USER, password) if password else None
    try:
        with (
            GraphDatabase.driver(f"bolt://{HOST}:{port}", auth=auth, connection_timeout=2) as driver,
            driver.session() as session,
        ):
            return bool(session.run("RETURN 1").values())
    except (DriverError, Neo4jError):
        return False


def refuse_taken(port: int) -> None:
    """Raises `CannotRun` when something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that ended a moment ago are no bar
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = error.strerror or str(error)
            raise CannotRun(f"port {port} cannot be used ({why}): stop what has it, or name another port") from None


def _free_port() -> int:
    """Below those that the system gives to connections: it is free for as long as the server is down, too."""
    for port in random.sample(range(20_000, 32_000), 50):
        try:
            refuse_taken(port)
        except CannotRun:
            continue
        return port
    raise CannotRun("no port is free between 20000 and 32000")
