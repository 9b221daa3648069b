// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "config/setting.h"

namespace muster {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

std::string variable_of(const Setting& setting) {
  std::string name = config_key(setting);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return "MUSTER_" + name;
}

}  // namespace

TEST_CASE("a setting is found by its name and by no other") {
  CHECK(setting("output-limit").type == SettingType::kSize);
  CHECK(find_setting("timeout") == &setting("timeout"));
  CHECK(find_setting("timout") == nullptr);
  CHECK(find_setting("") == nullptr);
}

TEST_CASE("the config key of a setting has underscores") {
  CHECK(config_key(setting("output-limit")) == "output_limit");
  CHECK(config_key(setting("timeout")) == "timeout");
}

TEST_CASE("no two settings share a name, a short flag or a variable") {
  std::set<std::string_view> names;
  std::set<std::string_view> variables;
  std::set<char> letters;
  for (const Setting& each : all_settings()) {
    INFO(each.name);
    CHECK(names.insert(each.name).second);
    if (each.letter != 0) CHECK(letters.insert(each.letter).second);
    if (!each.env.empty()) CHECK(variables.insert(each.env).second);
  }
}

TEST_CASE("the variable of a setting is its name in capitals") {
  for (const Setting& each : all_settings()) {
    INFO(each.name);
    if (!each.env.empty()) CHECK(each.env == variable_of(each));
  }
}

TEST_CASE("every default for tasks that is not a list can come from a variable") {
  for (const Setting& each : all_settings()) {
    INFO(each.name);
    if (each.section == ConfigSection::kTask) CHECK(each.env.empty() == each.repeatable);
  }
}

TEST_CASE("no setting of a profile can come from a variable") {
  for (const Setting& each : all_settings()) {
    INFO(each.name);
    if (each.section == ConfigSection::kProfile) CHECK(each.env.empty());
  }
}

TEST_CASE("every example and every default is a value of its setting") {
  for (const Setting& each : all_settings()) {
    INFO(each.name);
    if (!each.example.empty()) CHECK_NOTHROW(check_value(each, each.example));
    if (!each.fallback.empty()) CHECK_NOTHROW(check_value(each, each.fallback));
  }
}

TEST_CASE("flags take no value and everything else says what it takes") {
  for (const Setting& each : all_settings()) {
    INFO(each.name);
    const bool is_flag = each.type == SettingType::kFlag;
    CHECK(each.value_name.empty() == is_flag);
    CHECK((is_flag || !each.example.empty()));
    CHECK((each.type == SettingType::kChoice) == !each.choices.empty());
    const bool has_bounds =
        each.type == SettingType::kInteger || each.type == SettingType::kDecimal;
    CHECK(has_bounds == (each.minimum < each.maximum));
  }
}

TEST_CASE("the brief of a setting is one lower-case line without a full stop") {
  for (const Setting& each : all_settings()) {
    INFO(each.name << ": " << each.brief);
    REQUIRE(!each.brief.empty());
    CHECK(!is_capital(each.brief.front()));
    CHECK(each.brief.find('\n') == std::string_view::npos);
    CHECK(each.brief.size() <= 75);
    CHECK((!each.brief.ends_with('.') || each.brief.ends_with("...")));
    CHECK(!each.category.empty());
  }
}

TEST_CASE("the detail of a setting is whole sentences") {
  for (const Setting& each : all_settings()) {
    INFO(each.name << ": " << each.detail);
    CHECK((each.detail.empty() || each.detail.ends_with('.')));
    CHECK(each.detail.find("  ") == std::string_view::npos);
  }
}

TEST_CASE("settings of one category stand together") {
  std::set<std::string_view> seen;
  std::string_view category;
  for (const Setting& each : all_settings()) {
    if (each.category == category) continue;
    category = each.category;
    INFO(category);
    // Output has a part for run and one for the commands that only report.
    if (category != "Output") CHECK(seen.insert(category).second);
  }
}

TEST_CASE("what a preset may hold is a default for tasks") {
  for (const Setting& each : all_settings()) {
    INFO(each.name);
    if (each.preset || each.confines) CHECK(each.section == ConfigSection::kTask);
    if (each.in_project != InProject::kFree) CHECK(each.section == ConfigSection::kTask);
  }
}

TEST_CASE("every limit can be lowered by a project and raised by none") {
  for (const Setting& each : all_settings()) {
    if (each.category != "Limits" || each.name == "grace") continue;
    INFO(each.name);
    CHECK(each.in_project == InProject::kTighten);
    CHECK(each.preset);
  }
}

}  // namespace muster
