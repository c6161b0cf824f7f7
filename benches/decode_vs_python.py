#!/usr/bin/env python3
"""How fast the crate `keepa` decodes a product, beside the Python package `keepa` 1.6.0, from the same bytes.

    python3 benches/decode_vs_python.py [FILE ...] [--rounds 15]

Builds the example `decode_bench` of the crate, makes a virtual environment under target/ with keepa==1.6.0 from PyPI,
and lets both decode the same answer in turns (Rust, Python, Rust, ...), so that a busy machine slows both. Python runs
the package's own `query` with its request answered from memory: JSON and histories, no network. It prints the medians
and their ratio, and fails (exit code 1) below a ratio of 20. Without FILE it takes the bestseller and the used book with
356 offers from ../shared/data/products, and says that it skips where they are absent.
"""

import argparse
import gzip
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / "target" / "python-keepa-1.6.0"
DATA = ROOT.parent / "shared" / "data" / "products"
DEFAULT = ["book_bestseller_0593655036.json.gz", "used_book_0135048761.json.gz"]
WANTED = 20.0

# Runs inside the virtual environment: one line with a file name in, one line with microseconds out.
CHILD = r'''
import json, statistics, sys, time
import keepa, keepa.keepa_sync as sync

class Answer:
    status_code = 200
    def __init__(self, body): self.body = body
    def json(self): return json.loads(self.body)

api = keepa.Keepa("0" * 64, logging_level="CRITICAL")
api.status.refillRate, api.status.refillIn = 20, 0
for line in sys.stdin:
    path, asin, rounds = json.loads(line)
    body = open(path, "rb").read()
    sync.requests.get = lambda *args, **kwargs: Answer(body)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        products = api.query(asin, progress_bar=False, stats=90)
        times.append((time.perf_counter() - start) * 1e6)
    assert products[0]["asin"] == asin and "data" in products[0]
    print(json.dumps(statistics.median(times)), flush=True)
'''


def python():
    interpreter = VENV / "bin" / "python"
    if not interpreter.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "keepa==1.6.0"], check=True)
    return subprocess.Popen(
        [interpreter, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=15, help="turns of both programs")
    arguments = parser.parse_args()
    files = arguments.files or [DATA / name for name in DEFAULT]
    files = [file for file in files if file.exists()]
    if not files:
        print("skipped: there are no real products beside the repository (../shared/data/products)")
        return 0
    subprocess.run(
        ["cargo", "build", "--release", "-q", "-p", "keepa", "--example", "decode_bench"], check=True, cwd=ROOT
    )
    binary = ROOT / "target" / "release" / "examples" / "decode_bench"
    child = python()
    worst = None
    for file in files:
        raw = file.read_bytes()
        document = json.loads(gzip.decompress(raw) if file.suffix == ".gz" else raw)
        if "products" not in document:
            document = {"tokensLeft": 1, "refillIn": 1, "refillRate": 20, "timestamp": 0, "products": [document]}
        asin = document["products"][0]["asin"]
        # The Python package reads 36 histories or fails; older answers have 34.
        csv = document["products"][0]["csv"]
        csv.extend([None] * (36 - len(csv)))
        with tempfile.NamedTemporaryFile("w", suffix=".json") as plain:
            json.dump(document, plain, separators=(",", ":"))
            plain.flush()
            rust, snake = [], []
            for _ in range(arguments.rounds):
                line = subprocess.run([binary, plain.name, "20"], check=True, capture_output=True, text=True).stdout
                rust.append(json.loads(line)["median_us"])
                child.stdin.write(json.dumps([plain.name, asin, 3]) + "\n")
                child.stdin.flush()
                snake.append(json.loads(child.stdout.readline()))
            size = pathlib.Path(plain.name).stat().st_size
        fast, slow = statistics.median(rust), statistics.median(snake)
        ratio = slow / fast
        worst = ratio if worst is None else min(worst, ratio)
        print(
            f"{file.name}: {size / 1024:.0f} KB, Rust {fast / 1000:.2f} ms, Python {slow / 1000:.2f} ms, "
            f"{ratio:.1f} times as fast"
        )
    child.stdin.close()
    child.wait()
    return 0 if worst >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
