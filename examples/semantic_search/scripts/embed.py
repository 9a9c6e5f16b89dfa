"""Write seeds/precomputed_vectors.csv: a vector for each paragraph of the documents and for each question.

The vectors stand in for those of an embedding model, so that the example runs without a network. They are made by the
hashing trick: each word, without its ending, and each group of three letters in it is hashed to one of 64 places of the
vector and to a sign. Texts with common words or word stems have vectors in similar directions. Synonyms do not; only a
trained model knows these. The result depends on the text alone, so it is the same on every machine.

Run it after a change of a document or a question: python scripts/embed.py
"""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections import Counter
from pathlib import Path

DIMENSIONS = 64
DIGITS = 4
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are as at be because but by can do does for from get has have how i if in into is it its
        many me more my no not of on only or so some than that the their them then there they this to too
        was what when where which while who why will with without you your
        """,
    )
)
ENDINGS = ("ing", "ies", "ed", "es", "s", "e")
SEEDS = Path(__file__).parents[1] / "seeds"


def embed(text: str) -> list[float]:
    """Return the vector of ``text``. Its length is 1, or 0 if the text has no word but stop words."""
    sums = [0.0] * DIMENSIONS
    for feature, weight in features(text).items():
        digest = hashlib.sha256(feature.encode()).digest()
        sums[digest[0] % DIMENSIONS] += weight if digest[1] % 2 else -weight
    norm = math.sqrt(sum(value * value for value in sums)) or 1.0
    return [round(value / norm, DIGITS) + 0.0 for value in sums]


def features(text: str) -> dict[str, float]:
    """Return the weights of the words and of the groups of three letters in ``text``."""
    found: Counter[str] = Counter()
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in STOP_WORDS:
            continue
        stem = next((word[: -len(end)] for end in ENDINGS if word.endswith(end) and len(word) - len(end) > 2), word)
        found[stem] += 1
        for start in range(len(stem) - 2):
            found[f"#{stem[start : start + 3]}"] += 1
    return {feature: (0.3 if feature.startswith("#") else 1.0) * math.sqrt(n) for feature, n in found.items()}


def texts() -> list[str]:
    """Return the texts to embed, as the models make them: title and paragraph of each document, and the questions."""
    with open(SEEDS / "documents.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    chunks = [f"{row['title']}: {paragraph}" for row in rows for paragraph in row["body"].split("\n\n")]
    with open(SEEDS / "questions.csv", newline="", encoding="utf-8") as file:
        return chunks + [row["question"] for row in csv.DictReader(file)]


def main() -> None:
    """Write the seed."""
    with open(SEEDS / "precomputed_vectors.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text_hash", "embedding"])
        for text in dict.fromkeys(texts()):
            vector = ",".join(f"{value:g}" for value in embed(text))
            writer.writerow([hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), f"[{vector}]"])


if __name__ == "__main__":
    main()
