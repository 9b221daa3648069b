// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "filtered.h"
#include "sandbox/seccomp.h"
#include "unit/exec/processes.h"

namespace muster::sandbox {

namespace {

int shell(const std::string& script) {
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-ec", script.c_str(), static_cast<char*>(nullptr));
    _exit(126);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Runs the script under the filter, in a folder of its own, with `program` found on the way there.
void boots(const std::string& program, const std::string& script, const std::string& expected) {
  if (shell(concat("command -v ", program, " >/dev/null")) != 0) {
    return skip(concat(program, " is not installed"));
  }
  const ScratchFolder folder;
  const std::string whole = concat("cd ", shell_quote(folder.path(".")),
                                   "; export HOME=$PWD; exec ", ">out 2>&1; ", script);
  const std::string ended = under(default_filter(), [&] { return std::to_string(shell(whole)); });
  INFO(folder.read("out"));
  CHECK(ended == "0");
  CHECK(folder.read("out").find(expected) != std::string::npos);
}

constexpr const char* kHello =
    "printf '#include <pthread.h>\\n#include <stdio.h>\\n"
    "static void *f(void *x) { return x; }\\n"
    "int main(void) { pthread_t t; if (pthread_create(&t, 0, f, 0)) return 1; pthread_join(t, 0);"
    " puts(\"compiled\"); return 0; }\\n' >a.c; ";

}  // namespace

TEST_CASE("python runs pools, threads, sockets and an event loop under the filter") {
  boots("python3", R"(cat >a.py <<'END'
import asyncio, multiprocessing, socket, subprocess, tempfile, threading
def square(x): return x * x
async def main():
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    assert await reader.read() == b""
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool: assert pool.map(square, [2, 3]) == [4, 9]
    asyncio.run(main())
    a, b = socket.socketpair(); a.send(b"x"); assert b.recv(1) == b"x"
    thread = threading.Thread(target=square, args=(1,)); thread.start(); thread.join()
    with tempfile.TemporaryFile() as file: file.write(b"x")
    print(subprocess.check_output(["echo", "from python"], text=True))
END
python3 a.py)",
        "from python");
}

TEST_CASE("gcc compiles and links a threaded program that runs under the filter") {
  boots("gcc", concat(kHello, "gcc -O2 -pthread -o a a.c; ./a"), "compiled");
}

TEST_CASE("make builds in parallel under the filter") {
  boots("make",
        concat(kHello,
               "printf 'all: a.o b\\na.o: a.c\\n\\tcc -c -o a.o a.c\\nb:\\n\\techo made >b\\n' ",
               ">Makefile; make -j2; cat b"),
        "made");
}

TEST_CASE("node runs timers, files, workers and children under the filter") {
  boots("node", R"js(cat >a.js <<'END'
const { Worker } = require("worker_threads");
require("fs").writeFileSync("b", "x");
console.log(require("child_process").execFileSync("echo", ["child"]).toString());
const worker = new Worker("require('worker_threads').parentPort.postMessage(40 + 2)",
                          { eval: true });
worker.on("message", (n) => setTimeout(() => console.log("answer " + n), 1));
END
node a.js)js",
        "answer 42");
}

TEST_CASE("java starts under the filter") { boots("java", "java -version", "version"); }

TEST_CASE("perl forks and pipes under the filter") {
  boots("perl", R"(perl -e 'open(my $p, "-|", "echo", "from perl") or die; print <$p>;')",
        "from perl");
}

TEST_CASE("git commits and clones under the filter") {
  boots("git",
        "git init -q a; cd a; echo x >f; git add f; "
        "git -c user.name=n -c user.email=e@example.com commit -q -m first; cd ..; "
        "git clone -q a b; git -C b log --oneline",
        "first");
}

}  // namespace muster::sandbox
