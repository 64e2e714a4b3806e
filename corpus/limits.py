"""How much of one file is read: bytes, pages, rows, memory and time, all in one place.

They stand between a library and a file made to do harm, and are far above what a
collection of cases needs. Knows no formats beyond their suffixes.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from baycase.corpus.shown import shown
from baycase.errors import DocumentError

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes unless the name says otherwise.

    `unpacked` is what a .docx or .xlsx may hold when unpacked, `record` one line of a .jsonl file,
    `characters` all documents of one file together, `in_process` what plain text is read without a
    child process. Seconds and memory are those of the child process, for one file.
    """

    text: int = 20 * _MB
    html: int = 20 * _MB
    table: int = 50 * _MB
    docx: int = 100 * _MB
    pdf: int = 200 * _MB
    jsonl: int = 8_000 * _MB
    record: int = 8 * _MB
    unpacked: int = 300 * _MB
    parts: int = 5_000
    pages: int = 2_000
    ocr_pages: int = 200
    rows: int = 100_000
    columns: int = 200
    nodes: int = 2_000_000
    characters: int = 10_000_000
    in_process: int = 64_000
    answer: int = 400 * _MB
    memory: int = 2_000 * _MB
    cpu_seconds: int = 60
    wall_seconds: int = 120

    def with_ocr(self) -> "Limits":
        """For files whose pages may have to be read as pictures: it takes seconds a page and more memory."""
        return replace(
            self,
            memory=2 * self.memory,
            cpu_seconds=30 * self.cpu_seconds,
            wall_seconds=15 * self.wall_seconds,
        )

    def to_dict(self) -> dict[str, int]:
        return asdict(self)

    def check_size(self, path: Path) -> None:
        """Raises DocumentError where the file is larger than its format may be."""
        allowed = self.of_suffix(path.suffix.lower())
        size = path.stat().st_size
        if size > allowed:
            raise DocumentError(
                f"{shown(path)}: {in_words(size)}; a {path.suffix} file may have {in_words(allowed)} (split it)"
            )

    def of_suffix(self, suffix: str) -> int:
        sizes = {".pdf": self.pdf, ".docx": self.docx, ".jsonl": self.jsonl, ".xlsx": self.table, ".csv": self.table}
        return sizes.get(suffix, self.html if suffix in (".html", ".htm") else self.text)


LIMITS = Limits()


def in_words(size: int) -> str:
    """A number of bytes for people: 210 MB."""
    if size >= _MB:
        return f"{size / _MB:,.0f} MB"
    return f"{size / 1000:,.0f} KB" if size >= 1000 else f"{size} bytes"
