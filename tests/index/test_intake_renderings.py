"""A translation memory beside a file goes into the library with it."""

from pathlib import Path

import pytest

from baycase.corpus.records import Rendering
from baycase.corpus.renderings import write_tmx
from baycase.index.build import open_writer
from baycase.index.database import Database
from baycase.index.intake import Intake, take_in
from baycase.search.library import Library

ONE = "深圳推进数据跨境流动。"
TWO = "横琴口岸实行联合查验。"
ENGLISH = {ONE: "Shenzhen promotes cross-boundary data flow.", TWO: "Hengqin Port has joint inspection."}


def rendering(source: str, text: str | None = None, origin="official") -> Rendering:
    return Rendering(source, "en", text or ENGLISH[source], origin)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "report.txt").write_text(f"{ONE}{TWO}", encoding="utf-8")
    return tmp_path / "files"


@pytest.fixture
def library(tmp_path, fake_encoder):
    """`library(*paths)` takes files in; `held()` is what the library has of renderings."""

    class Made:
        folder = tmp_path / "library"

        def __call__(self, *paths: Path) -> Intake:
            with open_writer(self.folder) as writer:
                return take_in(writer, paths, fake_encoder)

        def add(self, *renderings: Rendering):
            with open_writer(self.folder) as writer:
                return writer.add_renderings(renderings, fake_encoder)

        def held(self) -> list[Rendering]:
            with Database.open_to_read(self.folder) as database:
                return list(database.renderings())

        def published(self) -> str:
            with Database.open_to_read(self.folder) as database:
                published = database.published()
                assert published
                return published.generation

    return Made()


def test_a_memory_beside_a_file_goes_in_with_it(folder, library):
    write_tmx(
        folder / "report.tmx",
        [rendering(ONE), rendering(TWO), Rendering("没有这一句。", "en", "Not there.", "official")],
    )
    intake = library(folder)
    assert intake.change.added == ("report",)
    assert intake.change.rendered == 2
    assert [r.source_text for r in intake.change.unmatched] == ["没有这一句。"]
    assert sorted(library.held(), key=str) == sorted([rendering(ONE), rendering(TWO)], key=str)
    assert library.published() == "1"


def test_a_memory_that_comes_later_or_changes_is_taken_in_again(folder, library):
    assert library(folder).change.rendered == 0
    write_tmx(folder / "report.tmx", [rendering(ONE)])
    first = library(folder)
    assert (first.change.rendered, first.change.changed, first.untouched) == (1, (), ())
    write_tmx(folder / "report.tmx", [rendering(ONE, "Shenzhen moves data."), rendering(TWO)])
    assert library(folder / "report.txt").change.rendered == 2
    assert {r.text for r in library.held()} == {"Shenzhen moves data.", ENGLISH[TWO]}
    again = library(folder)
    assert (again.change.rendered, again.untouched) == (0, (str(folder / "report.txt"),))


def test_a_memory_that_has_gone_takes_nothing_with_it_and_a_document_does(folder, library):
    write_tmx(folder / "report.tmx", [rendering(ONE)])
    library(folder)
    (folder / "report.tmx").unlink()
    library(folder)
    assert library.held() == [rendering(ONE)]
    (folder / "report.txt").write_text(TWO, encoding="utf-8")
    library(folder)
    assert library.held() == []


def test_a_damaged_memory_is_reported_each_time_and_the_file_still_goes_in(folder, library):
    (folder / "report.tmx").write_text("<tmx><body>", encoding="utf-8")
    for _ in range(2):
        intake = library(folder)
        assert [path for path, _ in intake.failed] == [str(folder / "report.tmx")]
        assert "not well-formed" in intake.failed[0][1]
    with Database.open_to_read(library.folder) as database:
        assert list(database.document_ids()) == ["report"]
    write_tmx(folder / "report.tmx", [rendering(ONE)])
    assert library(folder).change.rendered == 1


def test_the_shipped_cases_come_with_their_english(library):
    intake = library()
    assert intake.change.rendered > 200
    assert intake.change.unmatched == ()
    assert library().untouched


def test_white_space_does_not_keep_a_rendering_from_its_sentence(folder, library):
    library(folder)
    change = library.add(rendering("深圳 推进数据\n跨境流动。 ", ENGLISH[ONE]))
    assert change.rendered == 1
    assert library.held() == [rendering(ONE)]


def test_a_heading_its_sentence_and_both_together_are_keys(folder, library):
    heading, rest = "一是推进数据流动。", "深圳已办理3件。"
    (folder / "report.txt").write_text(f"{heading}{rest}二是推进口岸通关。横琴已办理5件。", encoding="utf-8")
    library(folder)
    for source in (heading, rest, heading + rest):
        assert library.add(rendering(source, f"English of {source}")).rendered == 1


def test_a_pair_works_in_either_direction(folder, library):
    (folder / "report.txt").write_text(ENGLISH[ONE], encoding="utf-8")
    library(folder)
    assert library.add(rendering(ONE)).rendered == 1
    assert library.held() == [Rendering(ENGLISH[ONE], "zh-Hans", ONE, "official")]


def test_a_less_trusted_rendering_takes_no_place_of_a_more_trusted_one(folder, library):
    library(folder)
    assert library.add(rendering(ONE, "A program's.", "machine")).rendered == 1
    assert library.add(rendering(ONE)).rendered == 1
    before = library.published()
    assert library.add(rendering(ONE, "A program's.", "machine"), rendering(ONE, "Ours.", "project")).rendered == 0
    assert library.held() == [rendering(ONE)]
    assert library.published() == before
    assert library.add(rendering(ONE, "Corrected.")).rendered == 1


def test_what_fits_nothing_publishes_nothing(folder, library):
    library(folder)
    before = library.published()
    change = library.add(Rendering("没有这一句。", "en", "Not there.", "official"))
    assert (change.rendered, len(change.unmatched), library.published()) == (0, 1, before)


def test_an_english_question_shows_the_rendering_and_a_chinese_one_does_not(folder, library, fake_encoder):
    write_tmx(folder / "report.tmx", [rendering(ONE), rendering(TWO)])
    library(folder)
    opened = Library(library.folder, encoder=fake_encoder)
    (hit, *_) = opened.search("Where does data flow across the boundary?").hits
    assert hit.to_dict()["rendering"] == {"language": "en", "text": ENGLISH[hit.sentence], "origin": "official"}
    (hit, *_) = opened.search("数据跨境流动").hits
    assert "rendering" not in hit.to_dict()
