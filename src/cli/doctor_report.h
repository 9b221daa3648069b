// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "term/style.h"
#include "wire/reports.h"

namespace muster::cli {

/// Whether every check is right and a task can be started in a sandbox. What only weakens one is
/// no failure.
bool all_right(const DoctorReport& report);

/// The checks, then what a sandbox can be made of here and what muster will therefore do, then what
/// to do about each gap. Lines are wrapped at `width`.
std::string render_doctor(const DoctorReport& report, int width, const Painter& painter);

}  // namespace muster::cli
