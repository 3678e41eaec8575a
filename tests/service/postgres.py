"""A private PostgreSQL for the tests: its own folder, a free port of loopback, and it ends with them."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.machine import free_port

NOT_INSTALLED = "PostgreSQL is not installed: apt-get install postgresql"
USER = "payment_sim"
READY_WITHIN = 120.0


def find_binaries() -> Path | None:
    """The folder of the newest PostgreSQL here: Debian keeps each version in a folder of its own."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    on_path = shutil.which("postgres")
    if versions:
        return max(versions, key=lambda folder: float(folder.parent.name))
    return Path(on_path).resolve().parent if on_path else None


class PostgreSQL:
    """A database server that can really be stopped, killed and started again.

    It keeps `fsync` and everything else that durability needs; only its size is small.

    Args:
        folder: Where its data go. It must be empty, and others must be able to enter the folders above it.
    """

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.binaries = binaries
        self.folder = folder
        self.port = free_port()
        self.password = secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._prepare()

    @classmethod
    def in_temporary_folder(cls, binaries: Path) -> Self:
        """A server whose data are in a folder of its own, to be removed by `remove`."""
        return cls(binaries, Path(tempfile.mkdtemp(prefix="payment-sim-postgres-")))

    def _prepare(self) -> None:
        """Make an empty cluster that lets in only who has the password."""
        password_file = self.folder / "password"
        password_file.write_text(self.password, encoding="ascii")
        if os.geteuid() == 0:
            for path in (self.folder, password_file):
                os.chown(path, _other_user().pw_uid, _other_user().pw_gid)
        self._run_to_its_end(
            "initdb",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
            "--auth=scram-sha-256",
            f"--username={USER}",
            f"--pwfile={password_file}",
            f"--pgdata={self.folder / 'data'}",
        )

    def launch(self) -> None:
        """Start it, and do not wait for it."""
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": ""}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [*_as_other_user(), str(self.binaries / "postgres"), f"-D{self.folder / 'data'}", *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.launch()
        ends = time.monotonic() + READY_WITHIN
        while time.monotonic() < ends:
            if self._answers():
                return
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("PostgreSQL did not start:\n" + self.log())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT breaks off its connections first, SIGQUIT does not wait for anything."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def kill(self) -> None:
        """End it at once: what it has not made durable is gone, and it recovers when it starts."""
        self.stop(signal.SIGQUIT)

    def revive(self) -> None:
        """Start it if it has ended by itself, as it does when it cannot write its log."""
        if self._process is not None and self._process.poll() is not None:
            self.start()

    def remove(self) -> None:
        """End it for good; its data go."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        self._databases += 1
        name = f"test_{self._databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def url(self, database: str) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def _run_to_its_end(self, program: str, *arguments: str) -> None:
        command = [*_as_other_user(), str(self.binaries / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


def _other_user() -> pwd.struct_passwd:
    """As whom it runs when the tests run as root, which PostgreSQL refuses."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _as_other_user() -> list[str]:
    """What to put before a command: another user for root, and an end when the tests are killed."""
    if shutil.which("setpriv") is None:
        return []
    dying = ["setpriv", "--pdeathsig=QUIT"]
    if os.geteuid() != 0:
        return dying
    user = _other_user()
    return [*dying, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups"]
