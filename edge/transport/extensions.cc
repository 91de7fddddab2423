#include "edge/transport/extensions.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "edge/transport/deflater.h"

namespace aerie::edge {
namespace {

struct Parameter {
  absl::string_view name;
  absl::optional<std::string> value;
};

struct Offer {
  absl::string_view name;
  std::vector<Parameter> parameters;
};

// RFC 9110 section 5.6.2.
bool IsTokenChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("!#$%&'*+-.^_`|~", c);
}

// Reads the header from its front.
class OfferReader {
 public:
  explicit OfferReader(absl::string_view text) : text_(text) { SkipSpace(); }

  bool done() const { return text_.empty(); }

  // Whether `c` comes next; takes it.
  bool Take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    SkipSpace();
    return true;
  }

  // False if the header is malformed.
  bool Take(Offer* offer) {
    if (!TakeToken(&offer->name)) return false;
    while (Take(';')) {
      Parameter parameter;
      if (!TakeToken(&parameter.name)) return false;
      if (Take('=') && !TakeValue(&parameter.value.emplace())) return false;
      offer->parameters.push_back(std::move(parameter));
    }
    return done() || text_[0] == ',';
  }

 private:
  void SkipSpace() { text_ = absl::StripLeadingAsciiWhitespace(text_); }

  bool TakeToken(absl::string_view* token) {
    size_t size = 0;
    while (size < text_.size() && IsTokenChar(text_[size])) ++size;
    *token = text_.substr(0, size);
    text_.remove_prefix(size);
    SkipSpace();
    return size > 0;
  }

  // A token, quoted or not.
  bool TakeValue(std::string* value) {
    if (text_.empty() || text_[0] != '"') {
      absl::string_view token;
      if (!TakeToken(&token)) return false;
      *value = std::string(token);
      return true;
    }
    size_t i = 1;
    for (; i < text_.size() && text_[i] != '"'; ++i) {
      if (text_[i] == '\\' && ++i == text_.size()) return false;
      if (!IsTokenChar(text_[i])) return false;
      *value += text_[i];
    }
    if (i == text_.size() || value->empty()) return false;
    text_.remove_prefix(i + 1);
    SkipSpace();
    return true;
  }

  absl::string_view text_;
};

// 8 to 15, without leading zeros; else 0.
int WindowBits(absl::string_view value) {
  for (int bits = 8; bits <= 15; ++bits) {
    if (value == absl::StrCat(bits)) return bits;
  }
  return 0;
}

// Null declines it: RFC 7692 section 7 asks for that where a parameter is
// unknown, comes twice or has a value that it must not have.
absl::optional<Extensions> AcceptDeflate(const Offer& offer) {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  bool client_max_window_bits = false;
  int server_max_window_bits = 0;
  for (const auto& [name, value] : offer.parameters) {
    const auto is = [name = name](absl::string_view known) {
      return absl::EqualsIgnoreCase(name, known);
    };
    const int bits = value.has_value() ? WindowBits(*value) : 0;
    bool legal = false;
    if (is("server_no_context_takeover")) {
      legal = !std::exchange(server_no_context_takeover, true) &&
              !value.has_value();
    } else if (is("client_no_context_takeover")) {
      legal = !std::exchange(client_no_context_takeover, true) &&
              !value.has_value();
    } else if (is("client_max_window_bits")) {
      // A hint; what is inflated may use the largest window.
      legal = !std::exchange(client_max_window_bits, true) &&
              (bits != 0 || !value.has_value());
    } else if (is("server_max_window_bits")) {
      // zlib cannot compress with a window of 8 bits.
      legal = std::exchange(server_max_window_bits, bits) == 0 &&
              bits >= Deflater::kWindowBitsMin;
    }
    if (!legal) return absl::nullopt;
  }
  Extensions accepted{
      "permessage-deflate; server_no_context_takeover; "
      "client_no_context_takeover",
      Deflater::kWindowBitsMax};
  if (server_max_window_bits != 0) {
    accepted.window_bits = server_max_window_bits;
    absl::StrAppend(&accepted.answer,
                    "; server_max_window_bits=", server_max_window_bits);
  }
  return accepted;
}

}  // namespace

Extensions AcceptExtensions(absl::string_view offers) {
  OfferReader reader(offers);
  absl::optional<Extensions> accepted;
  while (!reader.done()) {
    if (reader.Take(',')) continue;
    Offer offer;
    if (!reader.Take(&offer)) return {};
    if (!accepted.has_value() &&
        absl::EqualsIgnoreCase(offer.name, "permessage-deflate")) {
      accepted = AcceptDeflate(offer);
    }
  }
  return accepted.value_or(Extensions());
}

}  // namespace aerie::edge
