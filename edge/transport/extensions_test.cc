#include "edge/transport/extensions.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

constexpr char kPlain[] =
    "permessage-deflate; server_no_context_takeover; "
    "client_no_context_takeover";

std::string Answer(absl::string_view offers) {
  return AcceptExtensions(offers).answer;
}

TEST(ExtensionsTest, NoContextIsTakenOverInEitherDirection) {
  for (const char* offer :
       {"permessage-deflate", "Permessage-Deflate", " permessage-deflate ",
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate;client_no_context_takeover",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=10"}) {
    EXPECT_EQ(Answer(offer), kPlain) << offer;
    EXPECT_EQ(AcceptExtensions(offer).window_bits, 15) << offer;
  }
}

TEST(ExtensionsTest, NothingIsAnsweredToNothing) {
  for (const char* offer :
       {"", ",", "x-webkit-deflate-frame", "deflate; a=b"}) {
    EXPECT_EQ(Answer(offer), "") << offer;
    EXPECT_EQ(AcceptExtensions(offer).window_bits, 0) << offer;
  }
}

TEST(ExtensionsTest, OurWindowIsAsSmallAsTheClientAsks) {
  for (int bits = 9; bits <= 15; ++bits) {
    const Extensions accepted = AcceptExtensions(
        absl::StrCat("permessage-deflate; server_max_window_bits=", bits));
    EXPECT_EQ(accepted.answer,
              absl::StrCat(kPlain, "; server_max_window_bits=", bits));
    EXPECT_EQ(accepted.window_bits, bits);
  }
}

TEST(ExtensionsTest, OffersThatCannotBeHadAreDeclined) {
  for (const char* parameters :
       {"server_max_window_bits=8", "server_max_window_bits",
        "server_max_window_bits=16", "server_max_window_bits=09",
        "server_max_window_bits=9; server_max_window_bits=9",
        "client_max_window_bits=7", "client_max_window_bits=015",
        "client_max_window_bits; client_max_window_bits",
        "server_no_context_takeover=1", "client_no_context_takeover=true",
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover", "mystery",
        "mystery=1"}) {
    EXPECT_EQ(Answer(absl::StrCat("permessage-deflate; ", parameters)), "")
        << parameters;
  }
}

TEST(ExtensionsTest, TheFirstOfferThatCanBeHadIsTaken) {
  EXPECT_EQ(Answer("foo, permessage-deflate; server_max_window_bits=8,"
                   "permessage-deflate; server_max_window_bits=12, "
                   "permessage-deflate"),
            absl::StrCat(kPlain, "; server_max_window_bits=12"));
}

TEST(ExtensionsTest, ValuesMayBeQuoted) {
  EXPECT_EQ(Answer("foo; bar=\"baz\", permessage-deflate; "
                   "server_max_window_bits=\"1\\0\""),
            absl::StrCat(kPlain, "; server_max_window_bits=10"));
}

TEST(ExtensionsTest, AMalformedHeaderHasNoOffers) {
  for (const char* offers :
       {"permessage-deflate;", "permessage-deflate; =1", "permessage-deflate x",
        "permessage-deflate, foo; bar=", "permessage-deflate, foo; bar=\"",
        "permessage-deflate, foo; bar=\"\"", "permessage-deflate, foo; b=\"\\",
        "permessage-deflate, foo; bar=\"a b\"", "permessage-deflate, (",
        "permessage-deflate, foo; bar=\"a\"b"}) {
    EXPECT_EQ(Answer(offers), "") << offers;
  }
}

}  // namespace
}  // namespace aerie::edge
