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


class BadSetting(StoreError, ValueError):
    """A setting of the deployment is no value of its kind; `place` is its name."""


class StoreNotThere(StoreError):
    """No store is at the path, and none was to be made; or the server has no database of that name."""


class NotAFile(StoreError):
    """The path is a folder, a device or the like."""


class MissingFolder(StoreError):
    """The folder that is to hold the store does not exist."""


class NotWritable(StoreError):
    """The file, its folder, the medium or the database may only be read, or this user may not write it."""


class AccessRefused(StoreError):
    """The server does not know the user, or the password is wrong."""


class NotTrusted(StoreError):
    """No encrypted connection to the server comes about: its certificate, or that it has none."""


class WrongServer(StoreError):
    """What answers is no Neo4j, or one too old."""


class SchemaClash(StoreError):
    """The database has a constraint, an index or data that Skillgraph's own constraints cannot be beside."""


class NotAStore(StoreError):
    """The file is no database, or another program's."""


class DamagedStore(StoreError):
    """The database file contradicts itself."""


class NotEmpty(StoreError):
    """The place that a store was to be copied to holds something already."""


class UnfinishedStore(StoreError):
    """A copy to the store has not come to its end."""


class NewerStore(StoreError):
    """The store was written by a newer Skillgraph."""


class ModelMismatch(StoreError):
    """The store was written with an ontology extension that is not at hand."""


class NotMigrated(StoreError):
    """The store has an older schema and was opened for reading only."""


class BadSigningKey(StoreError):
    """The keys that the deployment signs with can't be read, or there is none that signs as it is set to."""


class BadSecret(StoreError):
    """The deployment's secret is missing, too short, or not the one the store was made with."""


class NoSuchPerson(StoreError, ValueError):
    """No Learner record has that id."""


class NoSuchVersion(StoreError, ValueError):
    """The store cannot be rebuilt as it was at that change number."""


class StoreFull(StoreError):
    """The disk, the quota or the server's memory has no room left."""

    transient = True


class StoreLocked(StoreError):
    """Another process, or another writer, holds the store longer than a writer waits."""

    transient = True


class StoreUnreachable(StoreError):
    """Reading or writing the file failed below SQLite, or the server does not answer."""

    transient = True


class StoreSlow(StoreError):
    """The server answers, but did not come to an end in the time it had."""

    transient = True


class Moved(StoreError):
    """Others wrote to the store while it was read: what was read may be of several states."""

    transient = True


class IndexDamaged(StoreError):
    """The column index is not as it was written; a process that serves finds that out, and builds it again."""

    transient = True
