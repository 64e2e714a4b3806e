"""Word and Excel files as the archives they are: looked at before any library unpacks them.

Refused: what would unpack to more than the limits, what is encrypted, what declares XML
entities, and what is another kind of file under this suffix. Knows nothing of what the parts mean.
"""

import re
import zipfile
from pathlib import Path

from baycase.corpus.limits import Limits, in_words
from baycase.corpus.shown import shown
from baycase.errors import DocumentError

_KINDS = (
    (b"%PDF", "a PDF", ".pdf"),
    (b"\xd0\xcf\x11\xe0", "an encrypted document, or one of Word or Excel before 2007", ""),
    (b"{\\rtf", "a document in RTF", ""),
    (b"<!DOCTYPE", "a web page", ".html"),
    (b"<html", "a web page", ".html"),
)
# Neither Word nor Excel writes a document type; it is where entities are declared. Also in UTF-16.
_MARKS = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_DOCTYPE = re.compile(b"|".join(map(re.escape, _MARKS)))
_OVERLAP = 32


def check_archive(path: Path, main_part: str, limits: Limits) -> None:
    """Raises DocumentError for an archive that should not be opened; `main_part` is the one it must have."""
    name = shown(path)
    try:
        with path.open("rb") as stream:
            beginning = stream.read(16)
        if not beginning.strip():
            raise DocumentError(f"{name}: the file is empty; there is nothing to index")
        _check_kind(beginning, path)
        with zipfile.ZipFile(path) as archive:
            _check_parts(archive, main_part, path, limits)
    except OSError as error:
        raise DocumentError(f"{name}: cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise DocumentError(f"{name}: not a {path.suffix} file, or a damaged one ({shown(str(error)[:80])})") from error


def _check_kind(beginning: bytes, path: Path) -> None:
    for mark, kind, suffix in _KINDS:
        if beginning.startswith(mark):
            advice = f"rename it to {suffix}" if suffix else f"save it as {path.suffix} without a password"
            raise DocumentError(f"{shown(path)}: holds {kind}, not a {path.suffix} file; {advice}")


def _check_parts(archive: zipfile.ZipFile, main_part: str, path: Path, limits: Limits) -> None:
    name = shown(path)
    parts = archive.infolist()
    if len(parts) > limits.parts:
        raise DocumentError(f"{name}: {len(parts):,} parts inside; a {path.suffix} file may have {limits.parts:,}")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked:
        raise DocumentError(
            f"{name}: unpacks to {in_words(unpacked)}; a {path.suffix} file may hold {in_words(limits.unpacked)}"
        )
    names = [part.filename for part in parts]
    if len(set(names)) < len(names):
        raise DocumentError(f"{name}: holds two parts of one name; a {path.suffix} file has none")
    if any(part.flag_bits & 1 for part in parts):
        raise DocumentError(f"{name}: encrypted; save it without a password")
    if main_part not in names:
        raise DocumentError(f"{name}: not a {path.suffix} file; expected {main_part} in it")
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")) and _declares_entities(archive, part):
            raise DocumentError(f"{name}: declares XML entities, which no {path.suffix} file needs; it is not opened")


def _declares_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    before = b""
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(1 << 20):
                if _DOCTYPE.search(before + chunk):
                    return True
                before = chunk[-_OVERLAP:]
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise zipfile.BadZipFile(f"{part.filename[:60]}: {error}") from error
    except Exception as error:  # zlib.error and its kin have no common parent
        raise zipfile.BadZipFile(f"{part.filename[:60]}: {type(error).__name__}") from error
    return False
