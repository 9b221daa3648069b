// SPDX-License-Identifier: Apache-2.0
#include "cli/main.h"

#include <string>
#include <vector>

#include "app/executor_by_isolation.h"
#include "app/process_setup.h"
#include "exec/process/process_executor.h"
#include "sandbox/sandbox_executor.h"

int main(int argc, char** argv, char** environment) {
  const sigset_t inherited_mask = muster::app::set_up_process();
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  muster::ProcessExecutor process(inherited_mask);
  muster::SandboxExecutor sandbox(inherited_mask, muster::app::memory_of_words(argc, argv));
  if (muster::app::names_a_sandbox(words)) sandbox.expect_attempt();
  muster::app::ExecutorByIsolation executor(process, sandbox);
  return muster::cli::run_program(words, {executor, sandbox, environment});
}
