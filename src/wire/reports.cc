// SPDX-License-Identifier: Apache-2.0
#include "wire/reports.h"

#include <string_view>

#include <boost/json.hpp>

#include "base/utf8.h"
#include "wire/json_text.h"

namespace muster {

namespace json = boost::json;

namespace {

json::array texts(const std::vector<std::string>& values) {
  json::array array;
  for (const std::string& value : values) array.emplace_back(valid_utf8(value));
  return array;
}

template <typename Rows, typename ToObject>
std::string rows_to_json(std::string_view schema, std::string_view key, const Rows& rows,
                         ToObject to_object) {
  json::array array;
  for (const auto& row : rows) array.push_back(to_object(row));
  return json_text(json::object{{"schema", schema}, {key, std::move(array)}});
}

}  // namespace

std::string to_json(const VersionReport& report) {
  return json_text(json::object{{"schema", "muster.version/1"},
                                {"version", report.version},
                                {"commit", report.commit},
                                {"compiler", report.compiler},
                                {"build", report.build},
                                {"features", texts(report.features)}});
}

std::string to_json(const SettingsReport& report) {
  json::array settings;
  for (const SettingReport& setting : report.settings) {
    json::object object{{"key", setting.key}};
    if (setting.is_list) {
      object["value"] = texts(setting.values);
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

std::string to_json(const std::vector<CheckReport>& checks) {
  return rows_to_json("muster.doctor/1", "checks", checks, [](const CheckReport& row) {
    return json::object{{"name", row.name},
                        {"ok", row.ok},
                        {"detail", valid_utf8(row.detail)},
                        {"remedy", valid_utf8(row.remedy)}};
  });
}

}  // namespace muster
