"""Verifies exported ledgers with pymerkle, and a package's bodies with nothing
but Python's standard library.

    verify.py root FOLDER       the checkpoint's root is that of the entries
    verify.py bodies PACKAGE    every body opens the commitment of its entry
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys


def entries(folder):
    """The entries of an exported ledger, in order."""
    size = int(checkpoint(folder)[1])
    for number in range(-(-size // 256)):
        width = min(256, size - number * 256)
        bundle = (folder / "tile/entries" / name(number, width)).read_bytes()
        held = 0
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            entry, bundle = bundle[2 : 2 + length], bundle[2 + length :]
            assert len(entry) == length, f"bundle {number} is cut"
            yield entry
            held += 1
        assert held == width, f"bundle {number} holds {held} entries"


def checkpoint(folder):
    return (folder / "checkpoint").read_text().split("\n")


def name(number, width):
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03}")
    path = "/".join(reversed(groups))
    return path if width == 256 else f"{path}.p/{width}"


def verify_root(folder):
    from pymerkle import InmemoryTree

    tree = InmemoryTree(algorithm="sha256")
    tree.append_entries(list(entries(folder)))
    root = tree.get_root() if tree.get_size() else hashlib.sha256(b"").digest()
    assert root == base64.b64decode(checkpoint(folder)[2]), "another root"


def verify_bodies(package):
    leaves = [json.loads(leaf) for leaf in entries(package / "ledger")]
    lines = (package / "bodies.ndjson").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(leaves), f"{len(lines)} bodies, {len(leaves)} entries"
    erased, recorded = set(), set()
    for leaf, line in zip(leaves, map(json.loads, lines), strict=True):
        assert leaf["idx"] == line["index"], f"body {line['index']} is out of order"
        if line.get("erased"):
            erased.add(leaf["idx"])
            continue
        body = line["body"].encode()
        opened = hmac.new(bytes.fromhex(line["salt"]), body, "sha256").hexdigest()
        assert opened == leaf["body"], f"body {leaf['idx']} is not the one recorded"
        if leaf["kind"] == "ledger.body_erased/1":
            recorded.add(json.loads(body)["index"])
    assert erased == recorded, f"erased {erased}, recorded {recorded}"


if __name__ == "__main__":
    what, path = sys.argv[1:]
    {"root": verify_root, "bodies": verify_bodies}[what](pathlib.Path(path))
