"""What can be wrong with a store: each error says where, which value, what mends it, and whether to try again."""

from __future__ import annotations

from typing import ClassVar


class StoreError(RuntimeError):
    """A store could not do what was asked.

    `place` is the file or address, `value` the offending value ("" when the place says it all), `fix` a sentence in
    the imperative; one that ends in a command has no full stop, as that would be taken for part of it. `transient`
    tells whether trying the same again later can help.
    """

    transient: ClassVar[bool] = False

    def __init__(self, place: str, problem: str, fix: str, value: str = "") -> None:
        self.place = place
        self.problem = problem
        self.fix = fix
        self.value = value
        again = "rying again helps once that is done." if self.transient else "rying again without that does not help."
        shown = f" ({value})" if value else ""
        super().__init__(f"{place}: {problem}{shown}. {fix}{' T' if fix.endswith('.') else '; t'}{again}")


class BadStoreUrl(StoreError, ValueError):
    """The text is not the address of a store."""


class UnknownEngine(BadStoreUrl):
    """No engine answers to the address's scheme."""


class StoreNotThere(StoreError):
    """No store is at the path, and none was to be made."""


class NotAFile(StoreError):
    """The path is a folder, a device or the like."""


class MissingFolder(StoreError):
    """The folder that is to hold the store does not exist."""


class NotWritable(StoreError):
    """The file, its folder or the medium may only be read."""


class NotAStore(StoreError):
    """The file is no database, or another program's."""


class DamagedStore(StoreError):
    """The database file contradicts itself."""


class NewerStore(StoreError):
    """The store was written by a newer Skillgraph."""


class ModelMismatch(StoreError):
    """The store was written with an ontology extension that is not at hand."""


class NotMigrated(StoreError):
    """The store has an older schema and was opened for reading only."""


class BadSecret(StoreError):
    """The deployment's secret is missing, too short, or not the one the store was made with."""


class NoSuchPerson(StoreError, ValueError):
    """No Learner record has that id."""


class NoSuchVersion(StoreError, ValueError):
    """The store cannot be rebuilt as it was at that change number."""


class StoreFull(StoreError):
    """The disk, or the quota, has no room left."""

    transient = True


class StoreLocked(StoreError):
    """Another process holds the store longer than a writer waits."""

    transient = True


class StoreUnreachable(StoreError):
    """Reading or writing the file failed below SQLite."""

    transient = True
