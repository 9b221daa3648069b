// SPDX-License-Identifier: Apache-2.0
#pragma once

// Manual pages in the language mdoc(7). Pure.

#include <string>
#include <string_view>

namespace muster::cli {

/// Text that is to come out exactly as it is, ASCII hyphens and quotes included, safe in a text
/// line and inside the double quotes of a macro's argument. It may still need guarded().
std::string roff_literal(std::string_view text);

/// `line` so that a leading '.' or quote is text and no request.
std::string guarded(std::string_view line);

/// Builds one page from top to bottom. In prose what stands in `backticks`, and words that start
/// as a flag does, are set as literal and bold; every sentence starts a line of its own.
class MdocPage {
 public:
  /// The head of the page: `date` as mdoc wants it ("November 21, 2026"), `name` as the page is
  /// called ("muster-run"), its section and what it is about in a few words.
  struct Head {
    std::string_view date;
    std::string name;
    int section = 1;
    std::string about;
  };
  explicit MdocPage(const Head& head);

  /// .Sh and .Ss.
  void section(std::string_view title);
  void subsection(std::string_view title);

  /// Running text.
  void prose(std::string_view text);
  /// Paragraphs of running text, separated by empty lines.
  void paragraphs(std::string_view text);
  /// .Pp
  void paragraph_break();

  /// A line of mdoc as it is.
  void macro(std::string_view line);

  /// A command line or another text that stands on lines of its own.
  void display(std::string_view line);
  void literal_block(std::string_view text);

  /// A list of terms and texts: begin_list, then item and prose in turns, then end_list. The item
  /// is mdoc behind .It, nothing where the list numbers or dots its items itself.
  void begin_list();
  void begin_compact_list(std::string_view widest_term);
  void item(std::string_view mdoc);
  void end_list();

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// An argument of a macro: quoted where it has spaces, and never taken for a macro's name.
std::string macro_argument(std::string_view text);

}  // namespace muster::cli
