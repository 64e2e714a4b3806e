"""The errors that a user can cause or meet: one tree, one line each.

Every message says what was found, what was expected, and what to do. The
command line and the page print the message alone; anything that is not a
`BayCaseError` is a bug and shows a traceback only with `--debug`.
"""


class BayCaseError(Exception):
    """Something the user can mend; `exit_code` is what the command line exits with."""

    exit_code = 1


class UsageError(BayCaseError):
    """The command or call itself is wrong: an empty question, an unknown option value."""

    exit_code = 2


class QueryError(UsageError):
    """A question or proposal that cannot be searched for: empty, too long, or not text."""


class DocumentError(BayCaseError):
    """One file that cannot be read as a document; the other files go on."""


class DocumentWarning(UserWarning):
    """A part of a file that was left out while the rest was read."""


class LibraryError(BayCaseError):
    """A library folder that is missing, unreadable, unwritable or newer than this program."""


class LibraryBusyError(LibraryError):
    """Another process is writing to the library."""


class DamagedLibraryError(LibraryError):
    """Stored bytes do not match their checksum."""


class ModelError(BayCaseError):
    """An embedding model that is not there, does not load, or is not the library's."""


class NotFoundError(BayCaseError):
    """A document that the library does not hold."""


class TestSetError(BayCaseError):
    """A test set that cannot be read, or does not fit the library."""

    __test__ = False  # not a test class, whatever pytest thinks of its name


class MissingExtraError(BayCaseError):
    """An optional dependency group is needed; the message says which."""
