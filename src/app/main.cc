// SPDX-License-Identifier: Apache-2.0
#include "cli/main.h"

#include <string>
#include <vector>

#include "app/process_setup.h"
#include "exec/process/process_executor.h"

int main(int argc, char** argv, char** environment) {
  const sigset_t inherited_mask = muster::app::set_up_process();
  muster::ProcessExecutor executor(inherited_mask);
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return muster::cli::run_program(words, {executor, environment});
}
