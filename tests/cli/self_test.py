#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that run_test.py passes what must pass and fails what must fail."""

import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))


def run(text, *flags, name="x.test", **environment):
    """Runs one test with /bin/echo for muster; returns exit code, output and the file afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run(
            [sys.executable, f"{HERE}/run_test.py", "--muster", "/bin/echo", *flags, path],
            capture_output=True, text=True, check=False, env={**os.environ, **environment})
        with open(path, encoding="utf-8") as file:
            return done.returncode, done.stdout + done.stderr, file.read()


class RunnerTest(unittest.TestCase):
    def passes(self, text):
        code, output, _ = run("# a sentence\n" + text)
        self.assertEqual((code, output), (0, ""))

    def fails(self, text, *words):
        code, output, _ = run("# a sentence\n" + text)
        self.assertEqual(code, 1, output)
        for word in words:
            self.assertIn(word, output)

    def test_expected_output_passes(self):
        self.passes("== run\nmuster hello\n== stdout\nhello\n")

    def test_other_output_fails_with_a_diff(self):
        self.fails("== run\nmuster hello\n== stdout\nworld\n", "-world", "+hello")

    def test_unexpected_output_fails(self):
        self.fails("== run\nmuster hello\n", "+hello")
        self.fails("== run\nmuster hello >&2\n", "+hello")

    def test_missing_output_fails(self):
        self.fails("== run\ntrue\n== stderr\nmore\n", "-more")

    def test_a_missing_last_newline_is_seen(self):
        self.fails("== run\nprintf x\n== stdout\nx\n", "[no newline]")
        self.fails("== run\necho x\n== stdout\nx[no newline]\n")
        self.passes("== run\nprintf x\n== stdout\nx[no newline]\n")

    def test_the_exit_code_counts(self):
        self.fails("== run\nexit 3\n", "exit code 3 instead of 0")
        self.fails("== run\ntrue\n== exit 3\n", "exit code 0 instead of 3")
        self.passes("== run\nexit 3\n== exit 3\n")

    def test_patterns(self):
        self.passes("== run\necho a b c; pwd\n== stdout\na [..] c\n[DIR]\n")
        self.passes("== run\nseq 5\n== stdout\n1\n...\n5\n")
        self.fails("== run\necho a b d\n== stdout\na [..] c\n", "-a [..] c")
        self.fails("== run\nprintf 'a\\nb\\n'\n== stdout\na[..]\n", "+b")
        self.fails("== run\necho 5 minutes\n== stdout\n[DURATION]\n")

    def test_control_characters_are_shown(self):
        self.passes("== run\nprintf '\\033\\377\\r\\n'\n== stdout\n^[\\xff^M\n")

    def test_files_and_input_are_given(self):
        self.passes("== file a/b 0755\n#!/bin/sh\ncat\n== stdin\nin\n"
                    "== run\n./a/b >out\n== file-after out\nin\n")
        self.fails("== run\necho x >out\n== file-after out\ny\n", "-y", "+x")
        self.fails("== run\ntrue\n== file-after out\ny\n", "No such file")

    def test_the_environment_is_the_tests_own(self):
        _, output, _ = run("# x\n== run\nenv\n== stdout\n", MUSTER_TIMEOUT="1s", EDITOR="vi")
        self.assertNotIn("MUSTER_TIMEOUT", output)
        self.assertNotIn("EDITOR", output)

    def test_a_process_left_behind_fails(self):
        self.fails("== run\nsleep 60 &\n", "left processes behind")
        self.fails("== run\nsetsid sh -c 'sleep 61 & sleep 62' &\n", "left processes behind")

    def test_a_process_left_behind_is_ended(self):
        mark = f"{60 + os.getpid()}"
        self.fails(f"== run\nsetsid sleep {mark} &\n")
        found = subprocess.run(["pgrep", "-f", f"^sleep {mark}$"], capture_output=True, check=False)
        self.assertEqual(found.stdout, b"")

    def test_a_terminal(self):
        self.passes("== tty 100x30\n== keys\nexpect ?\ntype yes\\n\n"
                    "== run\nstty size; echo '?'; read -r x; echo \"<$x>\"\n"
                    "== screen\n30 100\n?\nyes\n<yes>\n")
        self.fails("== tty\n== run\necho x\n== screen\ny\n", "-y", "+x")

    def test_keys_for_text_that_never_comes_fail(self):
        self.fails("== tty\n== keys\nexpect never\n== run\necho x\n== screen any\n",
                   "the script ended before 'never' appeared")

    def test_a_hangup_ends_the_session(self):
        self.passes("== tty\n== keys\nexpect x\nhangup\n"
                    "== run\ntrap 'echo gone >got; exit' HUP\necho x; while :; do sleep 0.01; done\n"
                    "== screen any\n== file-after got\ngone\n")

    def test_a_skip_has_its_reason(self):
        text = "# x\n== needs program no-such-program\n== run\nfalse\n"
        code, output, _ = run(text, MUSTER_TESTS_MUST_WORK="")
        self.assertEqual(code, 77)
        self.assertIn("no-such-program", output)
        self.assertEqual(run(text, MUSTER_TESTS_MUST_WORK="1")[0], 1)

    def test_mistakes_in_a_file_are_named(self):
        for text in ("== run\ntrue\n", "# x\n== rum\n", "# x\n", "# x\nstray\n== run\n",
                     "# x\n== run\n== run\n", "# x\n== run\n== exit zero\n",
                     "# x\n== keys\n== run\n", "# x\n== sandbox no\n== run\ntrue\n"):
            code, output, _ = run(text)
            self.assertEqual(code, 1, text)
            self.assertIn("x.test", output)

    def test_commands_are_plain_unless_sandboxed(self):
        text = "# x\n{}== run\necho ${{MUSTER_ISOLATION-sandbox}}\n== stdout\n{}\n"
        for name in ("run-x.test", "tty-x.test"):
            self.assertEqual(run(text.format("", "none"), name=name)[0], 0)
            self.assertEqual(run(text.format("", "sandbox"), "--sandboxed", name=name)[0], 0)
            self.assertEqual(run(text.format("== sandbox only\n", "sandbox"), name=name)[0], 0)
        self.assertEqual(run(text.format("", "sandbox"), name="config-x.test")[0], 0)

    def test_sandboxed_commands_see_the_tools(self):
        shown = "# x\n== run\ngrep -c 'ro:/.*cli/bin' ~/.config/muster/config.toml 2>&1\n== stdout\n1\n"
        own = "# x\n== file ~/.config/muster/config.toml\nown\n" + shown[4:]
        self.assertEqual(run(shown, "--sandboxed", name="run-x.test")[0], 0)
        self.assertEqual(run(shown, name="run-x.test")[0], 1)
        self.assertEqual(run(own, "--sandboxed", name="run-x.test")[0], 1)

    def test_a_test_that_means_nothing_in_a_sandbox_is_left_out_there(self):
        text = "# x\n== sandbox no, because of reasons\n== run\ntrue\n"
        code, output, _ = run(text, "--sandboxed", MUSTER_TESTS_MUST_WORK="1")
        self.assertEqual(code, 77)
        self.assertIn("because of reasons", output)
        self.assertEqual(run(text)[0], 0)

    @unittest.skipUnless(os.geteuid() == 0, "only root can run tests as nobody")
    def test_as_nobody_everything_belongs_to_nobody(self):
        text = "# x\n{}== file ~/f\nx\n== run\nid -un; stat -c %U . ~ ~/f; >new\n== stdout\n{}"
        nobody = text.format("", 4 * "nobody\n")
        self.assertEqual(run(nobody, "--as-nobody")[0], 0)
        self.assertEqual(run(nobody)[0], 1)
        self.assertEqual(run(text.format("== needs root\n", ""), "--as-nobody")[0], 77)

    def test_update_writes_what_was_seen(self):
        code, _, after = run("# x\n== run\nmuster hello; pwd; date -u +%FT%TZ; exit 3\n", "--update")
        self.assertEqual(code, 0)
        self.assertIn("== stdout\nhello\n[DIR]\n[TIME]\n== exit 3\n", after)

    def test_update_keeps_patterns_that_match(self):
        text = "# x\n== run\nmuster hello\n== stdout\nh[..]o\n"
        self.assertEqual(run(text, "--update")[2], text)


if __name__ == "__main__":
    unittest.main()
