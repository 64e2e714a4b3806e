"""Taking in files of every kind: what fails, fails alone, by name, and what the library held of it stays."""

import os

import pytest

from baycase.errors import DocumentError
from baycase.index.build import open_writer
from baycase.index.intake import take_in
from tests.corpus.formats import making


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "in"
    inside.mkdir()
    making.pdf(inside / "a.pdf", [(0, "A notice of a few words on one page.")], header="", footer="1")
    (inside / "b.html").write_text("<p>粤澳货物“一单两报”服务正式上线。</p>", "utf-8")
    (inside / "c.txt").write_text("港车北上的保险在内地怎么认？", "utf-8")
    return inside


def test_one_bad_file_never_stops_the_others(folder, tmp_path, fake_encoder):
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "bad\n\x1b[2J.docx").write_bytes(b"%PDF-1.7")
    (folder / "empty.csv").write_bytes(b"")
    with open(os.fsencode(folder) + b"/\xff.txt", "w", encoding="utf-8") as out:
        out.write("名字不是文字的文件。")
    with open_writer(tmp_path / "lib") as writer:
        intake = take_in(writer, [folder], fake_encoder)
        assert len(intake.change.added) == 4 and len(writer.database.document_ids()) == 4
        assert len(intake.failed) == 3
        assert all(line.isprintable() for pair in intake.failed for line in pair)
        again = take_in(writer, [folder], fake_encoder)
    assert len(again.untouched) == 4 and len(again.failed) == 3 and not again.change.added


def test_what_a_file_gave_stays_while_it_cannot_be_read(folder, tmp_path, fake_encoder):
    with open_writer(tmp_path / "lib") as writer:
        take_in(writer, [folder], fake_encoder)
        held = set(writer.database.document_ids())
        (folder / "a.pdf").write_bytes(b"broken")
        intake = take_in(writer, [folder], fake_encoder)
        assert len(intake.failed) == 1 and not intake.change.removed
        assert set(writer.database.document_ids()) == held
        (folder / "a.pdf").unlink()
        assert len(take_in(writer, [folder], fake_encoder).change.removed) == 1


def test_a_folder_that_is_closed_has_not_gone(folder, tmp_path, fake_encoder, monkeypatch):
    (folder / "closed").mkdir()
    (folder / "closed" / "d.txt").write_text("一句话。", "utf-8")
    iterdir = type(folder).iterdir

    def closed(path):
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return iterdir(path)

    with open_writer(tmp_path / "lib") as writer:
        take_in(writer, [folder], fake_encoder)
        monkeypatch.setattr(type(folder), "iterdir", closed)
        intake = take_in(writer, [folder], fake_encoder)
        assert not intake.change.removed and len(writer.database.document_ids()) == 4
    ((path, reason),) = intake.failed
    assert path.endswith("closed") and "Permission denied" in reason


@pytest.mark.parametrize(
    "make", [os.mkfifo, lambda path: os.symlink("/dev/zero", path), lambda path: os.symlink(path, path)]
)
def test_a_pipe_a_device_and_a_link_to_itself_fail_at_once(make, tmp_path, fake_encoder):
    make(str(tmp_path / "odd.txt"))
    with open_writer(tmp_path / "lib") as writer:
        intake = take_in(writer, [tmp_path / "odd.txt"], fake_encoder)
    assert [path for path, _ in intake.failed] == [str(tmp_path / "odd.txt")]


def test_what_is_not_there_is_said(tmp_path, fake_encoder):
    with open_writer(tmp_path / "lib") as writer, pytest.raises(DocumentError, match="no such file or folder"):
        take_in(writer, [tmp_path / "missing"], fake_encoder)
