"""Helpful or not: what visitors said of a result, kept in a file beside the library, exported as a test set.

One JSON line a verdict. The library itself is never written. The last verdict on a question's sentence counts.
"""

import io
import json
import threading
import zipfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from baycase.errors import UsageError
from baycase.search.library import Library
from baycase.search.query import MAX_QUESTION, checked

Verdict = Literal["helpful", "unhelpful"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """A verdict on the sentence [start, end) of a document as the answer to a question."""

    time: str
    query: str
    doc_id: str
    start: int
    end: int
    quote: str
    verdict: Verdict


class FeedbackFile:
    """The file beside a library folder: `library` has `library-feedback.jsonl`."""

    def __init__(self, library_folder: Path) -> None:
        self.path = library_folder.with_name(f"{library_folder.name}-feedback.jsonl")
        self._lock = threading.Lock()

    def add(
        self, library: Library, query: object, doc_id: object, start: object, end: object, verdict: object
    ) -> Feedback:
        """Keep a verdict; raises a `BayCaseError` for what is no verdict on something the library holds."""
        if verdict not in ("helpful", "unhelpful") or not (isinstance(start, int) and isinstance(end, int)):
            raise UsageError("expected verdict helpful or unhelpful, start and end as whole numbers")
        question = checked(str(query), MAX_QUESTION, "question")
        document = library.document(str(doc_id))
        if not 0 <= start < end <= len(document.text):
            raise UsageError(f"{document.doc_id} has no text from {start} to {end}")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        kept = Feedback(now, question, document.doc_id, start, end, document.text[start:end], verdict)
        line = json.dumps(asdict(kept), ensure_ascii=False) + "\n"
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line)
        return kept

    def all(self) -> list[Feedback]:
        """Every verdict in order; a line cut off by a crash is passed over."""
        found = []
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        for line in lines:
            try:
                found.append(Feedback(**json.loads(line)))
            except (ValueError, TypeError):
                continue
        return found

    def test_set(self, library: Library) -> bytes:
        """The helpful answers as a zipped test set in BEIR's form (subset `feedback`), the corpus with it."""
        latest = {(f.query, f.doc_id, f.start, f.end): f for f in self.all()}
        helpful: dict[str, list[Feedback]] = {}
        for each in latest.values():
            if each.verdict == "helpful":
                helpful.setdefault(each.query, []).append(each)
        corpus = [{"_id": d.doc_id, "title": d.title, "text": d.text} for d in library.documents()]
        queries, qrels = [], ["query-id\tcorpus-id\tscore"]
        for number, (query, verdicts) in enumerate(helpful.items(), 1):
            queries.append({"_id": f"f{number}", "text": query, "metadata": {"answers": [v.quote for v in verdicts]}})
            qrels += [f"f{number}\t{doc_id}\t1" for doc_id in dict.fromkeys(v.doc_id for v in verdicts)]
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("corpus.jsonl", _lines(corpus))
            archive.writestr("queries-feedback.jsonl", _lines(queries))
            archive.writestr("qrels/feedback.tsv", "\n".join(qrels) + "\n")
        return kept.getvalue()


def _lines(records: list[dict]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
