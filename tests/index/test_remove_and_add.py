"""A document that was removed comes back when its file is added again, though the file has not changed."""

from baycase.index.build import open_writer
from baycase.index.intake import take_in


def test_adding_the_same_file_again_brings_its_documents_back(tmp_path, fake_encoder):
    path = tmp_path / "two.jsonl"
    path.write_text(
        '{"_id": "a", "title": "甲", "text": "第一段。"}\n{"_id": "b", "title": "乙", "text": "第二段。"}\n',
        encoding="utf-8",
    )
    with open_writer(tmp_path / "library") as writer:
        take_in(writer, [path], fake_encoder)
        writer.remove(["a"], fake_encoder)
        assert list(writer.database.document_ids()) == ["b"]
        intake = take_in(writer, [path], fake_encoder)
        assert set(writer.database.document_ids()) == {"a", "b"}
        assert intake.change.added == ("a",)
        assert take_in(writer, [path], fake_encoder).untouched
