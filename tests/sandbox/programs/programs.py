# SPDX-License-Identifier: Apache-2.0
"""Real programs, unchanged. Each takes the stage and returns what is wrong, or None."""

import os
import shutil
import subprocess


class Skip(Exception):
    """Why a program cannot be run here."""


def need(*programs):
    for program in programs:
        if not os.path.exists(f"/usr/bin/{program}"):
            raise Skip(f"/usr/bin/{program} is not installed")


def expect(run, code, text):
    if run.code != code:
        return f"exit code {run.code}: {(run.out + run.err).decode(errors='replace')[-600:]}"
    if text not in run.out:
        return f"{text!r} is not in {run.out[-300:]!r}"
    return None


def write(stage, name, files):
    stage.workspace(name)
    for path, text in files.items():
        stage.write(f"work/{name}/workspace/{path}", text, 0o644)


MAKEFILE = """
parts = one two three four
main: $(parts:=.o)
\tgcc -o $@ $^
%.o: %.c
\tgcc -O1 -c -o $@ $<
"""


def c_project_with_make(stage):
    need("make", "gcc")
    parts = ("one", "two", "three", "four")
    files = {"Makefile": MAKEFILE}
    for part in parts[1:]:
        files[f"{part}.c"] = f"int {part}(void) {{ return {len(part)}; }}\n"
    files["one.c"] = ("#include <stdio.h>\n" + "".join(f"int {p}(void);\n" for p in parts[1:])
                      + 'int main(void) { printf("built %d\\n", two() + three() + four()); }\n')
    write(stage, "make", files)
    return expect(stage.run("make", [], ["sh", "-c", "make -s -j2 && ./main"], patience=60), 0,
                  b"built 12")


def python_with_processes(stage):
    need("python3")
    write(stage, "python", {"main.py": "import multiprocessing as m, asyncio, tempfile\n"
                            "def square(n): return n * n\n"
                            "async def shell():\n"
                            "    p = await asyncio.create_subprocess_exec('true')\n"
                            "    return await p.wait()\n"
                            "if __name__ == '__main__':\n"
                            "    with m.Pool(2) as pool: print(sum(pool.map(square, range(10))))\n"
                            "    with tempfile.TemporaryFile() as f: f.write(b'x')\n"
                            "    print('shell', asyncio.run(shell()))\n"})
    wrong = expect(stage.run("python", [], ["/usr/bin/python3", "main.py"], patience=60), 0, b"285")
    return wrong


def node_with_a_server(stage):
    need("node")
    write(stage, "node", {"main.js": "const http = require('http');\n"
                          "const s = http.createServer((q, r) => r.end('served'));\n"
                          "s.listen(0, '127.0.0.1', () => http.get(s.address(), r =>\n"
                          "  r.on('data', d => { console.log(String(d)); s.close(); })));\n"})
    script = "node --version >/dev/null && exec node main.js"
    return expect(stage.run("node", [], ["sh", "-c", script], patience=60), 0, b"served")


def java_from_source(stage):
    need("java", "javac")
    write(stage, "java", {"Main.java": "public class Main { public static void main(String[] a)"
                          " throws Exception { Thread t = new Thread(() ->"
                          ' System.out.println("from a thread")); t.start(); t.join(); } }\n'})
    return expect(stage.run("java", [], ["sh", "-c", "javac Main.java && java Main"], patience=120),
                  0, b"from a thread")


def git_clone_of_a_folder(stage):
    need("git")
    stage.workspace("git")
    script = ("set -e; git init -q origin; cd origin; echo text > file; git add file; "
              "git -c user.name=a -c user.email=a@b commit -qm first; cd ..; "
              "git clone -q ./origin copy; git -C copy log --format=%s; git -C copy status --short")
    return expect(stage.run("git", [], ["sh", "-c", script], patience=60), 0, b"first")


def perl_with_a_pipe(stage):
    need("perl")
    script = "open(my $p, '-|', 'echo', 'piped') or die; print <$p>; print getpwuid($<).qq(\\n)"
    return expect(stage.run("perl", [], ["perl", "-e", script], patience=60), 0, b"piped\nuser")


def compiler_out_of_memory(stage):
    """Killed at the limit, and said to be out of memory, not to have crashed."""
    need("gcc")
    if not stage.surroundings.mode.controllers:
        raise Skip("without a memory controller a compiler is refused memory instead")
    tenfold = "".join(f"#define T{n + 1} {','.join([f'T{n}'] * 10)}\n" for n in range(7))
    write(stage, "compiler", {"huge.c": "#define T0 1\n" + tenfold + "int numbers[] = {T7};\n"})
    run = stage.run("compiler", ["--memory", "128M"], ["gcc", "-c", "huge.c"], patience=90)
    if run.code != 137 or run.kind() != "out_of_memory":
        return f"exit code {run.code}, {run.kind()}: {run.err.decode(errors='replace')[-600:]}"
    return None if b"128M" in run.err else f"the limit is not named: {run.err!r}"


def archive_round_trip(stage):
    need("tar", "gzip")
    if shutil.which("tar") is None:
        raise Skip("tar is not installed")
    write(stage, "tar", {"file": "text\n"})
    script = "tar czf a.tgz file && rm file && tar xzf a.tgz && cat file"
    return expect(stage.run("tar", [], ["sh", "-c", script], patience=60), 0, b"text")


def leaves_files_of_the_caller(stage):
    """What a build left behind belongs to whoever ran muster, and can be deleted by them."""
    stage.workspace("owner")
    wrong = expect(stage.run("owner", [], ["sh", "-c", "mkdir d; echo > d/f; ls d"]), 0, b"f")
    path = stage.path("work", "owner", "workspace", "d")
    if not wrong and os.stat(path).st_uid != stage.uid:
        wrong = f"the folder belongs to {os.stat(path).st_uid}"
    if not wrong and stage.surroundings.mode.name == "nobody":
        deleted = subprocess.run([*stage.surroundings.wrap, "rm", "-r", path], check=False)
        wrong = None if deleted.returncode == 0 else "the caller cannot delete it"
    return wrong


ALL = (c_project_with_make, python_with_processes, node_with_a_server, java_from_source,
       git_clone_of_a_folder, perl_with_a_pipe, compiler_out_of_memory, archive_round_trip,
       leaves_files_of_the_caller)
COUNTED = (compiler_out_of_memory,)
