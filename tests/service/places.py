"""Folders that are really full or really read-only."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PIECE = 1 << 16


class SmallDisk:
    """A file system of a few megabytes, mounted on a folder; only root can have it."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._filler = folder / "filler"
        folder.mkdir()
        self._run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder))

    @staticmethod
    def possible(folder: Path) -> bool:
        """Whether this process may mount one; a container's root may not, without the capability."""
        if os.geteuid() != 0:
            return False
        tried = folder / "tried"
        tried.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tried)]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            return False
        subprocess.run(["umount", str(tried)], check=True)
        return True

    def fill(self) -> None:
        """Write until nothing more fits."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (PIECE, 1):
                try:
                    while filler.write(b"x" * size):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def empty(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)

    def set_read_only(self, read_only: bool) -> None:  # noqa: FBT001
        """Make all of it read-only, or writable again; Linux refuses while a file is open for writing."""
        self._run("mount", "-o", f"remount,{'ro' if read_only else 'rw'}", str(self.folder))

    def unmount(self) -> None:
        self._run("umount", "--lazy", str(self.folder))

    @staticmethod
    def _run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True)


class SizeLimit:
    """No file of a process may grow any more: what is left where no file system can be mounted.

    Its writes fail with "File too large" instead of "No space left on device".
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before = resource.prlimit(pid, resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (0, self._before[1]))

    def empty(self) -> None:
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, self._before)
