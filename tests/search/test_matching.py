from baycase.search.matching import matched_words
from baycase.search.query import understand


def test_words_are_those_of_the_text_in_its_own_script():
    assert "车险" in matched_words(understand("車險怎麼認？"), "实施港澳车辆跨境车险政策")
    assert "ＡＰＰ" in matched_words(understand("哪个app可以用？"), "通过香港智方便ＡＰＰ绑定")


def test_english_questions_match_through_the_glossary_and_the_rendering():
    found = matched_words(understand("Which bond was issued?"), "发行绿色债券", "A green bond was issued")
    assert "债券" in found
    assert "bond" in found
    assert "issued" in found


def test_no_word_stands_inside_another():
    found = matched_words(understand("粤港澳大湾区的港澳居民"), "粤港澳大湾区")
    assert not any(a != b and a in b for a in found for b in found)
