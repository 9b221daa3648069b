// SPDX-License-Identifier: Apache-2.0
#include "config/layers.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"
#include "config/path_values.h"
#include "config/presets.h"
#include "config/tightening.h"

namespace muster {
namespace {

// A flag's value is "true" or "false" whichever way it was spelled.
std::string normal(const Setting& setting, std::string_view text) {
  if (setting.type != SettingType::kFlag) return std::string(text);
  return text == "1" || text == "true" ? "true" : "false";
}

struct Given {
  const Setting* setting = nullptr;
  std::vector<std::string> texts;
  std::string place;
};

// A place that sets values: one section of a file, the environment, the command line.
struct Place {
  Layer layer = Layer::kDefault;
  std::vector<Given> given;
};

// The shell expands ~ and knows the working directory for flags and variables; nobody does it for
// a file, and where a path in it leads must not hang on where muster is started.
Place section_of(const ConfigFile& file, const std::string& profile, const Getenv& getenv) {
  const std::string folder = std::filesystem::path(file.path).parent_path().string();
  Place place{file.layer, {}};
  for (const FileEntry& entry : file.entries) {
    if (entry.profile != profile || !entry.preset.empty()) continue;
    Given given{entry.setting, entry.texts, place_of(file, entry)};
    try {
      for (std::string& text : given.texts) {
        text = with_absolute_paths(*entry.setting, text, folder, getenv);
      }
    } catch (const Error& error) {
      throw error.within(concat(given.place, ": ", config_key(*entry.setting)));
    }
    place.given.push_back(std::move(given));
  }
  return place;
}

Place environment_place(const Getenv& getenv) {
  Place place{Layer::kEnvironment, {}};
  for (const Setting& each : all_settings()) {
    const char* text = value_of_variable(getenv, each.env);
    if (text == nullptr) continue;
    check_at(each.env, each, text);
    place.given.push_back({&each, {normal(each, text)}, std::string(each.env)});
  }
  return place;
}

Place flag_place(const FlagValues& flags) {
  Place place{Layer::kFlag, {}};
  for (const auto& [name, texts] : flags) {
    if (texts.empty()) continue;
    const Setting& each = setting(name);
    Given given{&each, {}, concat("--", name)};
    for (const std::string& text : texts) {
      check_flag(given.place, each, text);
      given.texts.push_back(normal(each, text));
    }
    // Given twice, the last one counts.
    if (!each.repeatable) given.texts = {given.texts.back()};
    place.given.push_back(std::move(given));
  }
  return place;
}

std::vector<Place> places_of(const LayerSources& sources) {
  std::vector<Place> places;
  for (const ConfigFile& file : sources.files) {
    // The general entries first, for those of the active profile win over them.
    places.push_back(section_of(file, "", sources.getenv));
    places.push_back(section_of(file, sources.profile, sources.getenv));
  }
  places.push_back(environment_place(sources.getenv));
  places.push_back(flag_place(sources.flags));
  return places;
}

// Which place names which presets.
struct Choice {
  std::size_t place = 0;
  Origin origin;
  std::vector<std::string> names;
};

// A stronger place replaces what a weaker one chose; a project only adds to it, for what it would
// replace may be what keeps it in bounds.
std::vector<Choice> choices_in(std::span<const Place> places) {
  std::vector<Choice> choices;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (const Given& given : places[i].given) {
      if (given.setting->name != "sandbox") continue;
      if (places[i].layer != Layer::kProjectFile) choices.clear();
      const auto names = split(given.texts.back(), ',');
      choices.push_back({i, {places[i].layer, given.place}, {names.begin(), names.end()}});
    }
  }
  return choices;
}

Error unknown_preset(const std::string& name, const Origin& origin, const Presets& presets) {
  std::vector<std::string> known;
  for (const auto& [each, values] : presets) known.push_back(each);
  const auto close = nearest(name, known);
  return {ErrorCode::kNotFound,
          concat(describe(origin), ": there is no preset ", in_quotes(name),
                 close ? concat("; did you mean ", in_quotes(*close), "?")
                       : concat("; known: ", join(known, ", "))),
          concat("define it as a section [sandbox.", name,
                 "] of your config file; muster config path says where that is")};
}

class Layers {
 public:
  explicit Layers(const LayerSources& sources)
      : getenv_(sources.getenv),
        places_(places_of(sources)),
        presets_(collect_presets(sources.files)),
        choices_(choices_in(places_)) {}

  Values lay() {
    for (const Setting& each : all_settings()) {
      if (!each.fallback.empty())
        values_[std::string(each.name)] = {{std::string(each.fallback)}, {}};
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
      for (const Choice& choice : choices_) {
        if (choice.place == i) lay_presets(choice);
      }
      lay_place(places_[i]);
    }
    put_lists_in_front();
    tell_all_choices();
    return std::move(values_);
  }

 private:
  void lay_presets(const Choice& choice) {
    for (const std::string& name : choice.names) {
      const auto preset = presets_.find(name);
      if (preset == presets_.end()) throw unknown_preset(name, choice.origin, presets_);
      Origin origin = choice.origin;
      origin.preset = name;
      for (const PresetValue& value : preset->second) lay_preset_value(value, origin);
    }
  }

  void lay_preset_value(const PresetValue& value, const Origin& origin) {
    std::vector<std::string> texts;
    try {
      for (const std::string& text : value.texts) {
        texts.push_back(with_absolute_paths(*value.setting, text, value.folder, getenv_));
      }
    } catch (const Error& error) {
      throw error.within(value.place.empty() ? concat("preset ", origin.preset) : value.place);
    }
    if (!value.setting->repeatable) return put(*value.setting, std::move(texts), origin);
    Value& list = lists_[std::string(value.setting->name)];
    list.texts.insert(list.texts.end(), texts.begin(), texts.end());
    list.origin = origin;
  }

  void lay_place(const Place& place) {
    for (const Given& given : place.given) {
      std::vector<std::string> texts = given.texts;
      if (given.setting->repeatable && place.layer == Layer::kFlag) {
        const auto weaker = values_.find(given.setting->name);
        if (weaker != values_.end()) {
          texts.insert(texts.begin(), weaker->second.texts.begin(), weaker->second.texts.end());
        }
      }
      put(*given.setting, std::move(texts), {place.layer, given.place});
    }
  }

  void put(const Setting& setting, std::vector<std::string> texts, Origin origin) {
    const auto weaker = values_.find(setting.name);
    if (origin.layer == Layer::kProjectFile && weaker != values_.end() &&
        (setting.in_project != InProject::kFree || !origin.preset.empty()) &&
        !is_tighter(setting, texts.back(), weaker->second.texts.back())) {
      return;
    }
    values_[std::string(setting.name)] = {std::move(texts), std::move(origin)};
  }

  // Lists of presets hold together, what hides and what is hidden: no other list replaces them.
  void put_lists_in_front() {
    for (auto& [name, list] : lists_) {
      list.from_presets = list.texts.size();
      const auto given = values_.find(name);
      if (given != values_.end()) {
        const auto& texts = given->second.texts;
        list.texts.insert(list.texts.end(), texts.begin(), texts.end());
        if (!texts.empty()) list.origin = given->second.origin;
      }
      values_[name] = std::move(list);
    }
  }

  // `sandbox` names what is in force: also what a project was added to.
  void tell_all_choices() {
    std::vector<std::string> names;
    for (const Choice& choice : choices_) {
      names.insert(names.end(), choice.names.begin(), choice.names.end());
    }
    if (!names.empty()) values_["sandbox"] = {{join(names, ",")}, choices_.back().origin};
  }

  const Getenv& getenv_;
  std::vector<Place> places_;
  Presets presets_;
  std::vector<Choice> choices_;
  Values values_;
  Values lists_;
};

}  // namespace

Values lay_over_each_other(const LayerSources& sources) { return Layers(sources).lay(); }

// An empty variable counts as unset.
const char* value_of_variable(const Getenv& getenv, std::string_view name) {
  const char* value = name.empty() ? nullptr : getenv(std::string(name).c_str());
  return value && *value ? value : nullptr;
}

void check_at(std::string_view place, const Setting& setting, std::string_view text) {
  try {
    check_value(setting, text);
  } catch (const Error& error) {
    throw error.within(place);
  }
}

void check_flag(const std::string& place, const Setting& setting, std::string_view text) {
  try {
    check_value(setting, text);
  } catch (const Error& error) {
    throw Error(ErrorCode::kUsage, concat(place, ": ", error.message()), error.next());
  }
}

}  // namespace muster
