"""A small SQuAD-form file: paragraphs about invented bridges, two questions each."""

import json
from pathlib import Path

BRIDGES = ("青山", "白石", "绿水", "金沙", "银滩")
NAMES = ("林启文", "陈少华", "黄志远", "梁国栋", "何永康")


def bridge(number: int) -> tuple[str, list[dict]]:
    place_name, name, year = BRIDGES[number], NAMES[number], 1951 + 7 * number
    text = (
        f"{place_name}大桥横跨城北的河道，把两岸的旧城区和新开发的工业园连成一片。"
        f"大桥于{year}年3月建成通车，当时是全省最长的公路桥。"
        f"{place_name}建桥以前，两岸居民只能靠渡船往来，遇到台风天便完全断绝交通，货物常常积压数日。"
        f"主持设计的工程师是{name}，他早年在海外学习结构力学，回国后参与过多项水利工程。"
        f"桥面宽{12 + number}米，设四条车道，两侧各有一条供行人使用的步道和一排照明灯柱。"
        f"为了防止船只碰撞，{place_name}大桥的桥墩外面加装了钢制围栏，每隔数年检修一次，费用由市政部门承担。"
    )
    asked = [(f"{place_name}大桥是何时通车的？", f"{year}年3月"), (f"谁主持设计了{place_name}大桥？", name)]
    rows = [
        {
            "id": f"{place_name}-{place}",
            "question": question,
            "answers": [{"text": answer, "answer_start": text.index(answer)}],
        }
        for place, (question, answer) in enumerate(asked)
    ]
    return text, rows


def write(path: Path, paragraphs: list[tuple[str, list[dict]]]) -> None:
    data = [{"title": "", "paragraphs": [{"context": text, "qas": rows}]} for text, rows in paragraphs]
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
