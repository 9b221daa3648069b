// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "domain/enforced.h"
#include "term/style.h"

namespace muster::cli {

/// The steps, numbered and in words, and below them what would hold. Lines are wrapped at `width`.
std::string render_explanation(const Explanation& explanation, int width, const Painter& painter);

/// How long each step took, in microseconds; the longest is marked, and the total stands below.
/// Empty without timings.
std::string render_timings(std::span<const StepTiming> timings, int width, const Painter& painter);

}  // namespace muster::cli
