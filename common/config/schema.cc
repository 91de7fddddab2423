#include "common/config/schema.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/scalar.h"

namespace aerie::config {
namespace {

constexpr char kMask[] = "<secret>";

// Text that `rule` allows, into `target`.
void ReadText(const Value& value, TextRule rule, std::string* target,
              Errors& errors) {
  absl::optional<std::string> text = value.Text();
  if (!text) return value.Expected("text", errors);
  if (rule != nullptr) {
    if (const absl::Status status = rule(*text); !status.ok()) {
      return value.place().Blame(
          absl::string_view(status.message().data(), status.message().size()),
          errors);
    }
  }
  *target = *std::move(text);
}

Key TextKey(std::string name, std::string* target, std::string description,
            TextRule rule) {
  Key key;
  key.name = std::move(name);
  key.type = "text";
  key.description = std::move(description);
  key.verbatim = true;
  key.read = [=](const Value& value, Errors& errors) {
    ReadText(value, rule, target, errors);
  };
  key.write = [target] { return YAML::Node(*target); };
  return key;
}

std::vector<std::string> Names(const std::vector<Key>& keys) {
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const Key& key : keys) names.push_back(key.name);
  return names;
}

std::string FormatInteger(uint64_t value) { return absl::StrCat(value); }

// Calls `read` with each name, still as a value, and what it names.
void ReadEntries(
    const Value& map, absl::string_view what, Errors& errors,
    absl::FunctionRef<void(const Value& name, const Value& value)> read) {
  if (!map.node().IsMap()) return map.Expected(what, errors);
  std::set<std::string> seen;
  for (const auto& entry : map.node()) {
    if (!entry.first.IsScalar()) {
      map.Name(entry.first, "?").Expected("the name of a key", errors);
      continue;
    }
    const std::string& word = entry.first.Scalar();
    const Value name = map.Name(entry.first, word);
    if (!seen.insert(word).second) {
      name.place().Blame("this key stands here twice", errors);
      continue;
    }
    read(name, map.Named(entry.first, entry.second));
  }
}

}  // namespace

void Section::Add(Key key) { keys_.push_back(std::move(key)); }

void Section::Text(std::string name, std::string* target,
                   std::string description, TextRule rule) {
  Add(TextKey(std::move(name), target, std::move(description), rule));
}

void Section::Secret(std::string name, std::string* target,
                     std::string description) {
  Key key = TextKey(std::move(name), target, std::move(description), nullptr);
  key.type = "text, secret";
  key.write = [target] { return YAML::Node(target->empty() ? "" : kMask); };
  Add(std::move(key));
}

void Section::Switch(std::string name, bool* target, std::string description) {
  Key key;
  key.name = std::move(name);
  key.type = "true or false";
  key.description = std::move(description);
  key.is_switch = true;
  key.read = [target](const Value& value, Errors& errors) {
    const absl::optional<std::string> text = value.Plain();
    if (text != "true" && text != "false") {
      return value.Expected("true or false", errors);
    }
    *target = text == "true";
  };
  key.write = [target] { return YAML::Node(*target ? "true" : "false"); };
  Add(std::move(key));
}

void Section::AddNumber(std::string name, const std::string& type,
                        std::string description, const Number& target,
                        Range range,
                        absl::optional<uint64_t> (*parse)(absl::string_view),
                        std::string (*format)(uint64_t)) {
  Key key;
  key.name = std::move(name);
  key.type =
      absl::StrCat(type, ", ", format(range.min), " to ", format(range.max));
  key.description = std::move(description);
  key.read = [=](const Value& value, Errors& errors) {
    const absl::optional<std::string> text = value.Plain();
    const absl::optional<uint64_t> number = text ? parse(*text) : absl::nullopt;
    if (!number || *number < range.min || *number > range.max) {
      return value.Expected(absl::StrCat(type, " from ", format(range.min),
                                         " to ", format(range.max)),
                            errors);
    }
    target.set(*number);
  };
  key.write = [=] { return YAML::Node(format(target.get())); };
  Add(std::move(key));
}

void Section::Integer(std::string name, const Number& target, Range range,
                      std::string description) {
  AddNumber(std::move(name), "integer", std::move(description), target, range,
            ParseInteger, FormatInteger);
}

void Section::DurationMs(std::string name, const Number& target, Range range_ms,
                         std::string description) {
  AddNumber(std::move(name), "duration", std::move(description), target,
            range_ms, ParseDurationMs, FormatDurationMs);
}

void Section::Bytes(std::string name, const Number& target, Range range,
                    std::string description) {
  AddNumber(std::move(name), "size", std::move(description), target, range,
            ParseBytes, FormatBytes);
}

void Section::AddWords(std::string name, const std::vector<std::string>& words,
                       std::string description, std::function<size_t()> get,
                       std::function<void(size_t)> set) {
  Key key;
  key.name = std::move(name);
  key.type = absl::StrJoin(words, " or ");
  key.description = std::move(description);
  key.read = [words, set = std::move(set), type = key.type](const Value& value,
                                                            Errors& errors) {
    const absl::optional<std::string> text = value.Text();
    const auto found =
        text ? std::find(words.begin(), words.end(), *text) : words.end();
    if (found == words.end()) return value.Expected(type, errors);
    set(found - words.begin());
  };
  key.write = [words, get = std::move(get)] {
    return YAML::Node(words[get()]);
  };
  key.verbatim = true;
  Add(std::move(key));
}

void Section::Texts(std::string name, std::vector<std::string>* target,
                    std::string description, TextRule rule) {
  Key key;
  key.name = std::move(name);
  key.type = "list of texts";
  key.description = std::move(description);
  key.read = [=](const Value& value, Errors& errors) {
    std::vector<std::string> texts;
    ReadElements(value, "texts", errors, [&](const Value& element) {
      ReadText(element, rule, &texts.emplace_back(), errors);
    });
    *target = std::move(texts);
  };
  key.write = [target] {
    YAML::Node list(YAML::NodeType::Sequence);
    for (const std::string& text : *target) list.push_back(text);
    list.SetStyle(YAML::EmitterStyle::Flow);
    return list;
  };
  Add(std::move(key));
}

void Section::TextMap(std::string name,
                      std::map<std::string, std::string>* target,
                      std::string description) {
  Key key;
  key.name = std::move(name);
  key.type = "map of texts";
  key.description = std::move(description);
  key.read = [target](const Value& value, Errors& errors) {
    std::map<std::string, std::string> map;
    ReadEntries(value, "a map of texts", errors,
                [&](const Value& name, const Value& text) {
                  ReadText(text, nullptr, &map[*name.Text()], errors);
                });
    *target = std::move(map);
  };
  key.write = [target] {
    YAML::Node map(YAML::NodeType::Map);
    for (const auto& [name, text] : *target) map[name] = text;
    if (map.size() == 0) map.SetStyle(YAML::EmitterStyle::Flow);
    return map;
  };
  Add(std::move(key));
}

void Section::ReadOneOrMore(const Value& value, std::vector<std::string>& texts,
                            Errors& errors) {
  const auto add = [&](const Value& text) {
    ReadText(text, nullptr, &texts.emplace_back(), errors);
  };
  if (!value.node().IsSequence()) return add(value);
  ReadElements(value, "texts", errors, add);
}

void Section::TextsMap(std::string name,
                       std::map<std::string, std::vector<std::string>>* target,
                       std::string description) {
  Key key;
  key.name = std::move(name);
  key.type = "map of texts or lists of texts";
  key.description = std::move(description);
  key.read = [target](const Value& value, Errors& errors) {
    std::map<std::string, std::vector<std::string>> map;
    ReadEntries(value, "a map of texts or lists of texts", errors,
                [&](const Value& name, const Value& one) {
                  ReadOneOrMore(one, map[*name.Text()], errors);
                });
    *target = std::move(map);
  };
  key.write = [target] {
    YAML::Node map(YAML::NodeType::Map);
    for (const auto& [name, texts] : *target) {
      YAML::Node list(YAML::NodeType::Sequence);
      for (const std::string& text : texts) list.push_back(text);
      list.SetStyle(YAML::EmitterStyle::Flow);
      map[name] = texts.size() == 1 ? YAML::Node(texts[0]) : list;
    }
    if (map.size() == 0) map.SetStyle(YAML::EmitterStyle::Flow);
    return map;
  };
  Add(std::move(key));
}

Section& Section::Child(std::string name, std::string description) {
  Key key;
  key.section = std::make_unique<Section>();
  Section& section = *key.section;
  section.path_ = path_.empty() ? name : absl::StrCat(path_, ".", name);
  key.name = std::move(name);
  key.type = "section";
  key.description = std::move(description);
  key.read = [&section](const Value& value, Errors& errors) {
    section.Read(value, errors);
  };
  key.write = [&section] { return section.Write(); };
  Add(std::move(key));
  return section;
}

void Section::Check(std::string key,
                    std::function<absl::optional<std::string>()> check) {
  rules_.push_back({std::move(key), std::move(check)});
}

void Section::Read(const Value& value, Errors& errors) {
  path_ = value.key();
  where_ = value.place().where;
  if (value.node().IsNull()) return;  // A section with all keys left out.
  ReadEntries(value, "a map of keys", errors,
              [&](const Value& name, const Value& part) {
                const std::string word = *name.Text();
                for (const Key& key : keys_) {
                  if (key.name == word) return ReadKey(key, part, errors);
                }
                name.place().Blame(
                    absl::StrCat("unknown key", Hint(word, Names(keys_))),
                    errors);
              });
}

void Section::ReadKey(const Key& key, const Value& value, Errors& errors) {
  wheres_[key.name] = value.place().where;
  key.read(value, errors);
}

void Section::ReadElements(const Value& list, absl::string_view what,
                           Errors& errors,
                           absl::FunctionRef<void(const Value&)> read) {
  if (!list.node().IsSequence()) {
    return list.Expected(absl::StrCat("a list of ", what), errors);
  }
  size_t index = 0;
  for (const auto& element : list.node()) read(list.Element(element, index++));
}

Place Section::PlaceOf(const std::string& key) const {
  Place place{where_, path_.empty() ? key : absl::StrCat(path_, ".", key)};
  if (const auto found = wheres_.find(key); found != wheres_.end()) {
    place.where = found->second;
  } else if (where_.empty() && !wheres_.empty()) {
    place.where = wheres_.begin()->second;
  }
  return place;
}

void Section::RunChecks(Errors& errors) const {
  for (const Key& key : keys_) {
    if (key.section != nullptr) key.section->RunChecks(errors);
  }
  for (const Rule& rule : rules_) {
    const absl::optional<std::string> message = rule.check();
    if (message) PlaceOf(rule.key).Blame(*message, errors);
  }
}

YAML::Node Section::Write() const {
  YAML::Node map(YAML::NodeType::Map);
  for (const Key& key : keys_) map[key.name] = key.write();
  return map;
}

std::vector<Entry> Entries(Section& root) {
  std::vector<Entry> entries;
  for (const Key& key : root.keys()) {
    if (key.section == nullptr) {
      entries.push_back({key.name, &root, &key});
      continue;
    }
    for (Entry& entry : Entries(*key.section)) {
      entry.path = absl::StrCat(key.name, ".", entry.path);
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

}  // namespace aerie::config
