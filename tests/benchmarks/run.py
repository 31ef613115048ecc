"""Runs every `bench_*.py` beside it, one after the other, each in a process of its own: `make bench`.

Words after the command pick those whose name holds one of them: `make bench ARGS=streams`.
"""

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def main(words: list[str]) -> int:
    """Returns how many failed, or 1 if there was none to run."""
    chosen = [path for path in sorted(HERE.glob("bench_*.py")) if not words or any(word in path.stem for word in words)]
    if not chosen:
        say(f"no benchmark is called that; there are: {', '.join(sorted(path.stem for path in HERE.glob('bench_*.py')))}")
        return 1
    return sum(not run(path) for path in chosen)


def run(path: Path) -> bool:
    """Run one benchmark and show what it prints. Returns whether it ended well."""
    say(f"==> {path.stem}")
    began = time.monotonic()
    code = subprocess.run([sys.executable, str(path)], cwd=ROOT, check=False).returncode
    ended = "done" if code == 0 else f"FAILED with exit code {code}"
    say(f"==> {path.stem}: {ended} after {time.monotonic() - began:.0f} s\n")
    return code == 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
