#include "broker/auth/strict_json.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"

namespace aerie::broker {
namespace {

using nlohmann::json;

// Objects and arrays inside each other.
constexpr int kDepthMax = 32;

// Sees a text as it is parsed.
class Inspector {
 public:
  // The depth counts what is open around the event.
  bool See(int depth, json::parse_event_t event, const json& parsed) {
    const auto level = static_cast<size_t>(depth);
    switch (event) {
      case json::parse_event_t::object_start:
        if (names_.size() <= level + 1) names_.resize(level + 2);
        names_[level + 1].clear();
        deep_ |= depth >= kDepthMax;
        break;
      case json::parse_event_t::array_start:
        deep_ |= depth >= kDepthMax;
        break;
      case json::parse_event_t::key:
        twice_ |= !names_[level].insert(parsed.get<std::string>()).second;
        break;
      default:
        break;
    }
    return !deep_;
  }

  bool content() const { return !deep_ && !twice_; }

 private:
  // Of the open objects, by the depth of their members.
  std::vector<std::set<std::string>> names_;
  bool deep_ = false;
  bool twice_ = false;
};

}  // namespace

absl::optional<json> ParseJsonObject(absl::string_view text) {
  // The parser skips the one and takes the other for the end.
  if (absl::StartsWith(text, "\xEF\xBB\xBF") ||
      text.find('\0') != absl::string_view::npos) {
    return absl::nullopt;
  }
  Inspector inspector;
  json object = json::parse(
      text.begin(), text.end(),
      [&inspector](int depth, json::parse_event_t event, const json& parsed) {
        return inspector.See(depth, event, parsed);
      },
      /*allow_exceptions=*/false);
  if (!object.is_object() || !inspector.content()) return absl::nullopt;
  return object;
}

const std::string* FindText(const json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr
                                : member->get_ptr<const std::string*>();
}

}  // namespace aerie::broker
