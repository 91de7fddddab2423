#ifndef AERIE_COMMON_CONFIG_SCHEMA_H_
#define AERIE_COMMON_CONFIG_SCHEMA_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/config/value.h"
#include "yaml-cpp/yaml.h"

// The schema of a configuration: which keys there are, and which member of
// which struct each one sets. It is declared once, by a function that binds a
// struct; reading, printing, --help and the documentation all follow from it.
//
//   void Bind(config::Section& root, Options& o) {
//     root.Text("listen", &o.address, "Where clients connect.", AddressRule);
//     config::Section& log = root.Child("log", "What is written.");
//     log.Choice("level", &o.level, kLevels, "The least that is.");
//   }
//
// One thread, at start.
namespace aerie::config {

class Section;

struct Key {
  std::string name;
  std::string type;  // `duration, 1s to 1h`
  std::string description;
  // Sets the bound member, or adds to the errors.
  std::function<void(const Value&, Errors&)> read;
  // The bound member as it is now, secrets masked.
  std::function<YAML::Node()> write;
  // Flags and environment variables hold its text as it stands, not YAML.
  bool verbatim = false;
  // A switch: `--name` alone is `--name=true`.
  bool is_switch = false;
  // The keys below this one, when it is a section; its elements' keys, when it
  // is a list of sections.
  std::unique_ptr<Section> section;
  std::unique_ptr<Section> elements;
};

// Refuses what a text must not be.
using TextRule = absl::Status (*)(absl::string_view text);

template <typename Enum>
using Choices = std::vector<std::pair<std::string, Enum>>;

// A number somewhere, whatever its width.
struct Number {
  template <typename T>
  explicit Number(T* target)
      : get([target] { return static_cast<uint64_t>(*target); }),
        set([target](uint64_t value) { *target = static_cast<T>(value); }) {}

  std::function<uint64_t()> get;
  std::function<void(uint64_t)> set;
};

struct Range {
  uint64_t min;
  uint64_t max;
};

// A map of keys. Borrows the struct that it binds.
class Section {
 public:
  Section() = default;
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;
  virtual ~Section() = default;

  void Text(std::string name, std::string* target, std::string description,
            TextRule rule = nullptr);
  // Text that is never printed.
  void Secret(std::string name, std::string* target, std::string description);
  void Switch(std::string name, bool* target, std::string description);
  void Integer(std::string name, const Number& target, Range range,
               std::string description);
  void DurationMs(std::string name, const Number& target, Range range_ms,
                  std::string description);
  void Bytes(std::string name, const Number& target, Range range,
             std::string description);
  void Texts(std::string name, std::vector<std::string>* target,
             std::string description, TextRule rule = nullptr);
  void TextMap(std::string name, std::map<std::string, std::string>* target,
               std::string description);
  // Values that are a text or a list of texts.
  void TextsMap(std::string name,
                std::map<std::string, std::vector<std::string>>* target,
                std::string description);
  template <typename Enum>
  void Choice(const std::string& name, Enum* target,
              const Choices<Enum>& choices, const std::string& description);
  // A list of maps. What an element leaves out is as in `prototype`.
  template <typename T>
  void List(std::string name, std::vector<T>* target, T prototype,
            std::string description,
            std::type_identity_t<std::function<void(Section&, T&)>> bind);
  // Anything else.
  void Add(Key key);

  Section& Child(std::string name, std::string description);

  // A rule between keys: the message, or nothing when all is well. Checks run
  // after everything was read; the message is blamed on `key`.
  void Check(std::string key,
             std::function<absl::optional<std::string>()> check);

  // Reads a map of keys.
  void Read(const Value& value, Errors& errors);
  // Reads the value of one of the keys, which is remembered for the checks.
  void ReadKey(const Key& key, const Value& value, Errors& errors);
  // Runs the checks of this section and of those below.
  void RunChecks(Errors& errors) const;
  // Everything, as it is now.
  YAML::Node Write() const;

  const std::vector<Key>& keys() const { return keys_; }

 private:
  // A choice, or whatever else is one of a few words.
  void AddWords(std::string name, const std::vector<std::string>& words,
                std::string description, std::function<size_t()> get,
                std::function<void(size_t)> set);
  void AddNumber(std::string name, const std::string& type,
                 std::string description, const Number& target, Range range,
                 absl::optional<uint64_t> (*parse)(absl::string_view),
                 std::string (*format)(uint64_t));
  static void ReadOneOrMore(const Value& value, std::vector<std::string>& texts,
                            Errors& errors);
  static void ReadElements(const Value& list, absl::string_view what,
                           Errors& errors,
                           absl::FunctionRef<void(const Value& element)> read);
  Place PlaceOf(const std::string& key) const;

  struct Rule {
    std::string key;
    std::function<absl::optional<std::string>()> check;
  };
  std::vector<Key> keys_;
  std::vector<Rule> rules_;
  std::string path_;                           // `log`, `mounts[0]`.
  std::string where_;                          // It was written, if it was.
  std::map<std::string, std::string> wheres_;  // Its keys were, by name.
};

// A key that has a value, and its path from the root.
struct Entry {
  std::string path;  // `log.level`
  Section* section;
  const Key* key;
};
// Sections are replaced by what is in them, lists are not.
std::vector<Entry> Entries(Section& root);

template <typename Enum>
void Section::Choice(const std::string& name, Enum* target,
                     const Choices<Enum>& choices,
                     const std::string& description) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  AddWords(
      name, words, description,
      [target, choices] {
        size_t i = 0;
        while (i + 1 < choices.size() && choices[i].second != *target) ++i;
        return i;
      },
      [target, choices](size_t i) { *target = choices[i].second; });
}

template <typename T>
void Section::List(
    std::string name, std::vector<T>* target, T prototype,
    std::string description,
    std::type_identity_t<std::function<void(Section&, T&)>> bind) {
  Key key;
  key.name = std::move(name);
  key.type = "list";
  key.description = std::move(description);
  key.read = [=](const Value& value, Errors& errors) {
    std::vector<T> items;
    ReadElements(value, "maps", errors, [&](const Value& element) {
      T item = prototype;
      Section section;
      bind(section, item);
      section.Read(element, errors);
      section.RunChecks(errors);
      items.push_back(std::move(item));
    });
    *target = std::move(items);
  };
  key.write = [=] {
    YAML::Node list(YAML::NodeType::Sequence);
    for (T item : *target) {
      Section section;
      bind(section, item);
      list.push_back(section.Write());
    }
    if (target->empty()) list.SetStyle(YAML::EmitterStyle::Flow);
    return list;
  };
  // The documentation asks these for their defaults, so what they are bound to
  // lives as long as they do.
  struct Documented : Section {
    T item;
  };
  auto documented = std::make_unique<Documented>();
  documented->item = std::move(prototype);
  bind(*documented, documented->item);
  key.elements = std::move(documented);
  Add(std::move(key));
}

}  // namespace aerie::config

#endif  // AERIE_COMMON_CONFIG_SCHEMA_H_
