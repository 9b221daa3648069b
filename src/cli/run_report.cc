// SPDX-License-Identifier: Apache-2.0
#include "cli/run_report.h"

#include <csignal>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "cli/advice.h"
#include "cli/explain.h"
#include "term/width.h"

namespace muster::cli {

namespace {

bool any_changes(const Attempt& attempt) {
  return attempt.changes && !attempt.changes->paths.empty();
}

char letter_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return 'A';
    case ChangeKind::kModified:
      return 'M';
    case ChangeKind::kDeleted:
      return 'D';
  }
  __builtin_unreachable();
}

Style style_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return Style::kGreen;
    case ChangeKind::kModified:
      return Style::kYellow;
    case ChangeKind::kDeleted:
      return Style::kRed;
  }
  __builtin_unreachable();
}

std::string counted(std::size_t count, std::string_view what) {
  return concat(count, ' ', what, count == 1 ? "" : "s");
}

}  // namespace

bool published(const Spec& spec, const Attempt& attempt) {
  if (!spec.sandbox.workspace.apply || !succeeded(attempt.outcome)) return true;
  return attempt.changes && (attempt.changes->applied || attempt.changes->paths.empty());
}

void RunReport::tell_missing(std::span<const std::string> sentences) {
  if (!talks()) return;
  for (const std::string& sentence : sentences) {
    if (said_.insert(sentence).second) streams_.say(concat("best effort: ", sentence));
  }
}

void RunReport::tell_end(const Attempt& last) const {
  tell_faults(last);
  if (talks()) tell_losses(last);
  if (!config_.flag("json")) {
    tell_changes(last);
    if (!last.timings.empty()) {
      std::string table =
          render_timings(last.timings, streams_.err().columns, streams_.err_painter());
      table.pop_back();
      streams_.say_raw(table);
    }
    if (talks()) tell_reason(last.outcome);
  }
}

std::string RunReport::subject() const {
  return spec_.name.empty() ? spec_.argv.front() : spec_.name;
}

void RunReport::tell_faults(const Attempt& last) const {
  if (last.survivors > 0) {
    streams_.say(concat(last.survivors, " processes of ", in_quotes(subject()),
                        " could not be killed; they belong to another user"));
  }
  const auto* not_started = std::get_if<NotStarted>(&last.outcome);
  if (not_started != nullptr && !config_.flag("json")) {
    streams_.complain(
        {ErrorCode::kUnavailable, describe(last.outcome), advice(*not_started, spec_)});
  }
  if (last.output.error_number != 0) {
    streams_.complain({ErrorCode::kIo,
                       concat("writing the output: ", errno_words(last.output.error_number)),
                       "make room where stdout and stderr lead, and run it again"});
  }
  if (!published(spec_, last)) {
    const std::string why = last.changes ? last.changes->error : "they could not be read";
    const std::string next = last.changes ? last.changes->next : "";
    streams_.complain(
        {ErrorCode::kIo,
         concat("the command succeeded, but its changes were not applied to ",
                in_quotes(spec_.sandbox.workspace.directory), why.empty() ? "" : concat(": ", why)),
         next.empty() ? "check that there is room and that you may write there, then "
                        "run it again"
                      : next});
  } else if (last.changes && !last.changes->error.empty()) {
    streams_.complain({ErrorCode::kIo,
                       concat("what was changed in ", in_quotes(spec_.sandbox.workspace.directory),
                              " could not be told: ", last.changes->error),
                       last.changes->next});
  }
}

void RunReport::tell_losses(const Attempt& last) const {
  if (last.output.cut.count > 0) {
    streams_.say(concat("output limit: ", last.output.cut.count, " bytes (",
                        format_bytes_rounded(last.output.cut),
                        ") between the head and the tail were cut"));
  }
  if (last.output.unread.count > 0) {
    streams_.say(
        concat(last.output.unread.count, " bytes of output were given up: nobody read them"));
  }
}

void RunReport::tell_changes(const Attempt& last) const {
  const Workspace& workspace = spec_.sandbox.workspace;
  if (!last.changes) return;
  const WorkspaceChanges& changes = *last.changes;
  const std::string place = in_quotes(workspace.directory);
  if (workspace.show_diff) {
    for (const ChangedPath& changed : changes.paths) {
      const std::string letter(1, letter_of(changed.kind));
      streams_.say_raw(concat(streams_.err_painter().paint(style_of(changed.kind), letter), ' ',
                              printable(changed.path)));
    }
    if (changes.paths.empty()) {
      streams_.say(concat("nothing was changed in ", place));
    } else {
      streams_.say(concat(counted(changes.paths.size(), "changed path"), " in ", place, ": ",
                          changes.applied   ? "applied"
                          : workspace.apply ? "not applied"
                                            : "discarded; --apply keeps them"));
    }
  }
  if (workspace.apply && !succeeded(last.outcome) && any_changes(last) && talks()) {
    streams_.say(concat(place, " stays as it was: the command did not succeed, so ",
                        counted(changes.paths.size(), "changed path"), " went with its sandbox"));
  }
}

void RunReport::tell_reason(const Outcome& outcome) const {
  if (std::holds_alternative<NotStarted>(outcome) || succeeded(outcome)) return;
  // The reader had enough, as in `muster run ... | head`: not worth a word.
  const auto* signaled = std::get_if<Signaled>(&outcome);
  if (signaled != nullptr && signaled->signal == SIGPIPE) return;
  streams_.say(concat(in_quotes(subject()), ' ', describe(outcome)));
}

}  // namespace muster::cli
