"""A PostgreSQL server for one run, in a folder of its own."""
from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

USER = "postgres"
STARTS_WITHIN_S = 30


class OwnPostgres:
    """``with OwnPostgres() as server:`` As root it runs as the system's user for it: PostgreSQL does not run as root."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="xiangyin-postgres-"))
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        assert programs, "PostgreSQL is not installed: script/setup --test installs it"
        self._bin = programs[-1]
        self._numbers = itertools.count()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._process: subprocess.Popen | None = None

    def new_database(self) -> str:
        """The address of an empty one."""
        name = f"hub{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{database}"

    def __enter__(self) -> OwnPostgres:
        owner = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam(USER)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        common = {**owner, "cwd": self._folder, "env": {**os.environ, "HOME": str(self._folder)}, "stdout": subprocess.DEVNULL}
        data = self._folder / "data"
        subprocess.run([self._bin / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                       check=True, **common)
        self._process = subprocess.Popen([self._bin / "postgres", "-D", data, "-c", "listen_addresses=127.0.0.1", "-p", str(self._port), "-k",
                                          self._folder, "-c", "fsync=off", "-c", "max_connections=200"],
                                         stderr=subprocess.DEVNULL, **common)
        self._wait_until_ready()
        return self

    def _wait_until_ready(self) -> None:
        """pg_isready tells at once that it does not answer yet; the log, which would be an event, is in the server's own language."""
        end = time.monotonic() + STARTS_WITHIN_S
        while subprocess.run([self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)], check=False).returncode:
            assert time.monotonic() < end and self._process.poll() is None, "PostgreSQL does not start"
            time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(20)
        shutil.rmtree(self._folder, ignore_errors=True)
