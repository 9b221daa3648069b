// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace muster {

/// Takes no column: combining marks, joiners, variation selectors, Hangul vowels and finals.
bool is_zero_width(char32_t character);

/// Takes a column of its own yet belongs to the character before it (general category Mc).
bool is_spacing_mark(char32_t character);

/// Takes two columns unless it is zero width: East Asian Wide and Fullwidth, which emoji are too.
bool is_wide(char32_t character);

}  // namespace muster
