// Reads the input as a token, as a token's header, and as its claims.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/auth/claim_template.h"
#include "broker/auth/jws_key.h"
#include "broker/auth/jwt.h"
#include "broker/auth/strict_json.h"
#include "proto/phoenix/json.h"
#include "test/fuzz/check.h"

namespace aerie::fuzz {
namespace {

using broker::ClaimTemplate;
using broker::Jwt;
using broker::TokenError;

constexpr char kSecret[] = "a secret of more than thirty-two bytes";
constexpr char kHeader[] = R"({"alg":"HS256"})";
constexpr uint32_t kBytesMax = 1 << 20;

const broker::JwsKeys& Keys() {
  static const broker::JwsKeys keys = {
      broker::JwsKey::FromSecret(kSecret, "").value()};
  return keys;
}

std::string Sign(absl::string_view header, absl::string_view claims) {
  const std::string text = absl::StrCat(absl::WebSafeBase64Escape(header), ".",
                                        absl::WebSafeBase64Escape(claims));
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), kSecret, sizeof(kSecret) - 1,
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac,
       &size);
  return absl::StrCat(text, ".",
                      absl::WebSafeBase64Escape(absl::string_view(
                          reinterpret_cast<const char*>(mac), size)));
}

std::variant<Jwt, TokenError> Verify(absl::string_view token) {
  return VerifyJwt(token, Keys(), {.issuer = "", .audience = {}, .leeway = {}},
                   absl::FromUnixSeconds(1'000), kBytesMax);
}

void Expand(const nlohmann::json& claims) {
  static const ClaimTemplate text =
      ClaimTemplate::Parse("{sub}:{rooms}:{a.b}").value();
  std::vector<std::string> texts;
  Check(!text.Texts(claims, 10, &texts) || texts.size() <= 10,
        "texts are counted");
  const absl::optional<std::string> one = text.Text(claims);
  Check(!one.has_value() || texts.empty() || texts.front() == *one,
        "one text is the first of many");
}

void Run(absl::string_view input) {
  (void)Verify(input);
  (void)Verify(Sign(input, R"({"exp":2000})"));
  const auto verdict = Verify(Sign(kHeader, input));
  const auto object = broker::ParseJsonObject(input);
  if (object.has_value()) {
    Check(phoenix::ValidateJson(input).ok(), "parsers agree");
    const auto again = broker::ParseJsonObject(object->dump());
    Check(again.has_value() && *again == *object, "an object comes back");
  }
  const auto* const jwt = std::get_if<Jwt>(&verdict);
  if (jwt == nullptr) return;
  Check(object.has_value() && *object == jwt->claims, "claims are the object");
  Check(jwt->expires > absl::FromUnixSeconds(1'000), "it is valid now");
  Expand(jwt->claims);
}

}  // namespace
}  // namespace aerie::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  aerie::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
