// SPDX-License-Identifier: Apache-2.0
#include "wire/reports.h"

#include <string_view>

#include <boost/json.hpp>

#include "base/utf8.h"
#include "wire/json_text.h"
#include "wire/sandbox_json.h"

namespace muster {

namespace json = boost::json;

namespace {

template <typename Rows, typename ToObject>
json::array rows_to_array(const Rows& rows, ToObject to_object) {
  json::array array;
  for (const auto& row : rows) array.push_back(to_object(row));
  return array;
}

template <typename Rows, typename ToObject>
std::string rows_to_json(std::string_view schema, std::string_view key, const Rows& rows,
                         ToObject to_object) {
  return json_text(json::object{{"schema", schema}, {key, rows_to_array(rows, to_object)}});
}

json::object check_to_json(const CheckReport& row) {
  return {{"name", row.name},
          {"ok", row.ok},
          {"detail", valid_utf8(row.detail)},
          {"remedy", valid_utf8(row.remedy)}};
}

json::object capability_to_json(const Capability& row) {
  return {{"name", row.name},
          {"state", name_of(row.state)},
          {"detail", valid_utf8(row.detail)},
          {"consequence", valid_utf8(row.consequence)},
          {"remedy", valid_utf8(row.remedy)}};
}

}  // namespace

std::string to_json(const VersionReport& report) {
  return json_text(json::object{{"schema", "muster.version/1"},
                                {"version", report.version},
                                {"commit", report.commit},
                                {"compiler", report.compiler},
                                {"build", report.build},
                                {"features", texts_to_json(report.features)}});
}

std::string to_json(const SettingsReport& report) {
  json::array settings;
  for (const SettingReport& setting : report.settings) {
    json::object object{{"key", setting.key}};
    if (setting.is_list) {
      object["value"] = texts_to_json(setting.values);
    } else {
      object["value"] = valid_utf8(setting.values.front());
    }
    object["origin"] = valid_utf8(setting.origin);
    settings.push_back(std::move(object));
  }
  return json_text(json::object{{"schema", "muster.config/1"},
                                {"profile", valid_utf8(report.profile)},
                                {"settings", std::move(settings)}});
}

std::string to_json(const std::vector<ProfileReport>& profiles) {
  return rows_to_json("muster.profiles/1", "profiles", profiles, [](const ProfileReport& row) {
    return json::object{{"name", valid_utf8(row.name)}, {"active", row.active}};
  });
}

std::string to_json(const std::vector<PathReport>& paths) {
  return rows_to_json("muster.paths/1", "paths", paths, [](const PathReport& row) {
    return json::object{
        {"layer", row.layer}, {"path", valid_utf8(row.path)}, {"exists", row.exists}};
  });
}

std::string to_json(const DoctorReport& report) {
  return json_text(
      json::object{{"schema", "muster.doctor/1"},
                   {"checks", rows_to_array(report.checks, check_to_json)},
                   {"capabilities", rows_to_array(report.capabilities, capability_to_json)}});
}

}  // namespace muster
