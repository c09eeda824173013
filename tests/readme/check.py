#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check.py SOURCE TOOL CC [--write]: the README's C compiles, and its capability table is what the tool says.

With --write the table is put there.
"""

import json
import os
import re
import subprocess
import sys
import tempfile


def section(text, name):
    return re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", text, re.S).group(1)


def check_lines(text):
    code = section(text, "client-in-twenty-lines")
    lines = [line for line in code.splitlines() if line.startswith("  r = ") or line.startswith("  wasi_tls")]
    assert len(lines) <= 20, f"the client has {len(lines)} lines"


def check_program(text, name, source, compiler):
    code = re.search(r"```c\n(.*?)```", section(text, name), re.S).group(1)
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "program.c")
        with open(path, "w", encoding="ascii") as file:
            file.write(code)
        flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{source}/api", "-fsyntax-only"]
        subprocess.run([compiler, *flags, path], check=True)


def check_table(text, tool, path):
    engines = json.loads(subprocess.run([tool, "engines", "--json"], check=True, capture_output=True).stdout)
    table = [f"| capability | {' | '.join(engine['name'] for engine in engines)} |", "|---" * (len(engines) + 1) + "|"]
    for name in engines[0]["capabilities"]:
        cells = ["yes" if engine["capabilities"][name] else "no" for engine in engines]
        table.append(f"| {name} | {' | '.join(cells)} |")
    wanted = "\n".join(table)
    found = section(text, "capabilities").strip()
    if found != wanted and "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(found, wanted))
    elif found != wanted:
        sys.exit(f"the capability table of README.md should be (or run this with --write):\n{wanted}")


def main():
    source, tool, compiler = sys.argv[1:4]
    path = os.path.join(source, "README.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    check_lines(text)
    check_program(text, "client-in-twenty-lines", source, compiler)
    check_program(text, "smallest-embedding", source, compiler)
    check_table(text, tool, path)


main()
