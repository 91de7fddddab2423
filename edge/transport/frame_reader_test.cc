#include "edge/transport/frame_reader.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::edge {
namespace {

using phoenix::Opcode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kRsv1 = 0x40;
constexpr uint8_t kContinuation = 0;
constexpr uint8_t kText = 1;
constexpr uint8_t kBinary = 2;
constexpr uint8_t kClose = 8;
constexpr uint8_t kPing = 9;
constexpr uint8_t kPong = 10;

// A client's frame; `first` is its first byte.
std::string Frame(uint8_t first, absl::string_view payload) {
  constexpr absl::string_view kMask = "\x37\xfa\x21\x3d";
  const uint64_t size = payload.size();
  const int length_bytes = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  std::string frame = {static_cast<char>(first),
                       static_cast<char>(0x80 | (length_bytes == 0   ? size
                                                 : length_bytes == 2 ? 126
                                                                     : 127))};
  for (int i = length_bytes - 1; i >= 0; --i) {
    frame += static_cast<char>(size >> (8 * i));
  }
  frame.append(kMask.data(), kMask.size());
  for (size_t i = 0; i < size; ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  }
  return frame;
}

std::string Code(int code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code)};
}

std::string Describe(const FrameReader::Event& event) {
  const std::string payload(event.payload);
  switch (event.kind) {
    case FrameReader::Event::kNone:
      return "none";
    case FrameReader::Event::kMessage:
      return absl::StrCat(event.opcode == Opcode::kText ? "text" : "binary",
                          event.deflated ? " deflated " : " ", payload);
    case FrameReader::Event::kPing:
      return "ping " + payload;
    case FrameReader::Event::kPong:
      return "pong " + payload;
    case FrameReader::Event::kClose:
      return absl::StrCat("close ", event.code);
    case FrameReader::Event::kError:
      return absl::StrCat("error ", event.code);
  }
  return "";
}

bool IsLast(const FrameReader::Event& event) {
  return event.kind == FrameReader::Event::kClose ||
         event.kind == FrameReader::Event::kError;
}

class FrameReaderTest : public ::testing::Test {
 protected:
  // What a fresh reader makes of `bytes`; and the same whether they come as
  // one, in two parts, or one by one.
  std::vector<std::string> Read(const std::string& bytes) const {
    std::vector<std::string> events = ReadBy(bytes, bytes.size() + 1);
    EXPECT_EQ(ReadBy(bytes, 1), events);
    if (bytes.size() < 1000) {
      for (size_t piece = 2; piece < bytes.size(); ++piece) {
        EXPECT_EQ(ReadBy(bytes, piece), events) << piece;
      }
    }
    return events;
  }

  std::vector<std::string> ReadBy(std::string bytes, size_t piece) const {
    FrameReader reader(bytes_max_, deflate_);
    std::vector<std::string> events;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      absl::Span<char> part =
          absl::MakeSpan(bytes).subspan(at, std::min(piece, bytes.size() - at));
      for (;;) {
        const FrameReader::Event event = reader.Next(&part);
        if (event.kind == FrameReader::Event::kNone) break;
        events.push_back(Describe(event));
        if (IsLast(event)) return events;
      }
      EXPECT_THAT(part, IsEmpty());
    }
    return events;
  }

  uint64_t bytes_max_ = 100'000;
  bool deflate_ = false;
};

TEST_F(FrameReaderTest, MessagesOfEverySizeAreRead) {
  for (size_t size : {0u, 1u, 7u, 8u, 9u, 125u, 126u, 127u, 65535u, 65536u}) {
    const std::string payload(size, 'x');
    EXPECT_THAT(Read(Frame(kFin | kBinary, payload)),
                ElementsAre("binary " + payload));
    EXPECT_THAT(Read(Frame(kFin | kText, payload)),
                ElementsAre("text " + payload));
  }
}

TEST_F(FrameReaderTest, AMessageThatIsWholeIsNotCopied) {
  FrameReader reader(100, false);
  std::string bytes = Frame(kFin | kText, "hello") + Frame(kFin | kText, "you");
  absl::Span<char> rest = absl::MakeSpan(bytes);
  EXPECT_EQ(reader.Next(&rest).payload.data(), bytes.data() + 6);
  EXPECT_EQ(rest.size(), 9u);
  EXPECT_EQ(reader.Next(&rest).payload.data(), bytes.data() + 17);
  EXPECT_EQ(Describe(reader.Next(&rest)), "none");
}

TEST_F(FrameReaderTest, FragmentsAreJoinedAroundControlFrames) {
  EXPECT_THAT(
      Read(Frame(kText, "one ") + Frame(kFin | kPing, "now") +
           Frame(kContinuation, "") + Frame(kContinuation, "two ") +
           Frame(kFin | kPong, "") + Frame(kFin, "three") +
           Frame(kFin | kBinary, "next")),
      ElementsAre("ping now", "pong ", "text one two three", "binary next"));
  EXPECT_THAT(Read(Frame(kBinary, "") + Frame(kFin, "")),
              ElementsAre("binary "));
}

TEST_F(FrameReaderTest, FramesThatAreNotAllowedAre1002) {
  const std::string cases[] = {
      {"\x81\x01z", 3},                 // Not masked.
      {"\x89\x00", 2},                  //
      Frame(kFin | 0x20 | kText, ""),   // RSV2.
      Frame(kFin | 0x10 | kText, ""),   // RSV3.
      Frame(kFin | kRsv1 | kText, ""),  // Not negotiated.
      Frame(kFin | kRsv1 | kPing, ""),  //
      Frame(kFin | 3, ""),              // Reserved.
      Frame(kFin | 7, ""),              //
      Frame(kFin | 11, ""),             //
      Frame(kFin | 15, ""),             //
      Frame(kPing, ""),                 // A fragment.
      Frame(kClose, Code(1000)),        //
      Frame(kFin | kPing, std::string(126, 'x')),
      Frame(kFin, "continued"),                  // Nothing to continue.
      Frame(kContinuation, ""),                  //
      {"\x81\xfe\x00\x7dmask", 8},               // Length not the shortest.
      {"\x81\xff\0\0\0\0\0\0\xff\xffmask", 14},  //
  };
  for (const std::string& bytes : cases) {
    EXPECT_THAT(Read(bytes), ElementsAre("error 1002"))
        << absl::CEscape(bytes.substr(0, 14));
  }
  EXPECT_THAT(Read(Frame(kText, "a") + Frame(kFin | kText, "b")),
              ElementsAre("error 1002"));
  EXPECT_THAT(Read(Frame(kFin | kText, "a") + Frame(kFin, "b")),
              ElementsAre("text a", "error 1002"));
}

TEST_F(FrameReaderTest, TwoBytesAreEnoughToRefuseAFrame) {
  EXPECT_THAT(ReadBy({"\x83\x85", 2}, 2), ElementsAre("error 1002"));
  EXPECT_THAT(ReadBy({"\x81\x05", 2}, 2), ElementsAre("error 1002"));
  EXPECT_THAT(ReadBy({"\x89\xfe", 2}, 1), ElementsAre("error 1002"));
}

TEST_F(FrameReaderTest, TextMustBeUtf8) {
  for (const absl::string_view bytes :
       {"\xff", "\xc3", "ok \xed\xa0\x80 not", "12345678\xf4\x90\x80\x80"}) {
    EXPECT_THAT(Read(Frame(kFin | kText, bytes)), ElementsAre("error 1007"));
    EXPECT_THAT(Read(Frame(kText, "a") + Frame(kFin, bytes)),
                ElementsAre("error 1007"));
    EXPECT_THAT(Read(Frame(kFin | kBinary, bytes)),
                ElementsAre(absl::StrCat("binary ", bytes)));
  }
  // A sequence may be cut anywhere.
  EXPECT_THAT(Read(Frame(kText, "\xf0\x9f") + Frame(kContinuation, "\x9a") +
                   Frame(kFin, "\x80")),
              ElementsAre("text \xf0\x9f\x9a\x80"));
  EXPECT_THAT(Read(Frame(kText, "\xf0\x9f") + Frame(kFin, "")),
              ElementsAre("error 1007"));
}

TEST_F(FrameReaderTest, BadTextIsRefusedBeforeItsEnd) {
  const std::string frame = Frame(kFin | kText, "\xce\xba\xf4\x90 and so on");
  EXPECT_THAT(ReadBy(frame.substr(0, 9), 9), IsEmpty());
  EXPECT_THAT(ReadBy(frame.substr(0, 10), 10), ElementsAre("error 1007"));
  EXPECT_THAT(ReadBy(Frame(kText, "\xce\xba\xff"), 100),
              ElementsAre("error 1007"));
}

TEST_F(FrameReaderTest, TheHeaderOfAMessageThatIsTooBigIsEnough) {
  bytes_max_ = 1000;
  EXPECT_THAT(Read(Frame(kFin | kBinary, std::string(1000, 'x'))),
              ElementsAre("binary " + std::string(1000, 'x')));
  EXPECT_THAT(Read({"\x81\xfe\x03\xe9mask", 8}), ElementsAre("error 1009"));
  EXPECT_THAT(Read({"\x01\xfe\x03\xe9mask", 8}), ElementsAre("error 1009"));
  EXPECT_THAT(Read({"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xffmask", 14}),
              ElementsAre("error 1009"));
  bytes_max_ = 0;
  EXPECT_THAT(Read(Frame(kFin | kText, "")), ElementsAre("text "));
  EXPECT_THAT(Read(Frame(kFin | kText, "x")), ElementsAre("error 1009"));
}

TEST_F(FrameReaderTest, FragmentsAreBoundedTogether) {
  bytes_max_ = 10;
  const std::string start = Frame(kBinary, "12345") + Frame(0, "678");
  EXPECT_THAT(Read(start + Frame(kFin, "90")),
              ElementsAre("binary 1234567890"));
  EXPECT_THAT(Read(start + Frame(kFin, "901")), ElementsAre("error 1009"));
  EXPECT_THAT(Read(start + std::string("\x80\xff\xff\xff\xff\xff\xff\xff\xff"
                                       "\xffmask",
                                       14)),
              ElementsAre("error 1009"));
  // The next message starts from nothing.
  EXPECT_THAT(Read(start + Frame(kFin, "") + start + Frame(kFin, "")),
              ElementsAre("binary 12345678", "binary 12345678"));
}

TEST_F(FrameReaderTest, RSV1MarksTheFirstFrameOfACompressedMessage) {
  deflate_ = true;
  EXPECT_THAT(Read(Frame(kFin | kRsv1 | kText, "\xff")),
              ElementsAre("text deflated \xff"));
  EXPECT_THAT(Read(Frame(kRsv1 | kBinary, "a") + Frame(kFin, "\xff") +
                   Frame(kFin | kText, "plain")),
              ElementsAre("binary deflated a\xff", "text plain"));
  EXPECT_THAT(Read(Frame(kRsv1 | kText, "a") + Frame(kFin | kRsv1, "b")),
              ElementsAre("error 1002"));
  EXPECT_THAT(Read(Frame(kFin | kRsv1 | kPing, "")), ElementsAre("error 1002"));
  EXPECT_THAT(Read(Frame(kFin | kText, "\xff")), ElementsAre("error 1007"));
}

TEST_F(FrameReaderTest, CompressionMayAddABit) {
  deflate_ = true;
  bytes_max_ = 800;
  const std::string most(800 + 800 / 8 + 64, 'x');
  EXPECT_THAT(Read(Frame(kFin | kRsv1 | kBinary, most)),
              ElementsAre("binary deflated " + most));
  EXPECT_THAT(Read(Frame(kFin | kRsv1 | kBinary, most + "x")),
              ElementsAre("error 1009"));
  EXPECT_THAT(Read(Frame(kRsv1 | kBinary, most) + Frame(kFin, "x")),
              ElementsAre("error 1009"));
  EXPECT_THAT(Read(Frame(kFin | kBinary, most)), ElementsAre("error 1009"));
}

TEST_F(FrameReaderTest, ACloseIsAnsweredWithItsOwnCodeIfThatIsLegal) {
  EXPECT_THAT(Read(Frame(kFin | kClose, "")), ElementsAre("close 1000"));
  for (int code : {1000, 1003, 1007, 1011, 3000, 4999}) {
    EXPECT_THAT(Read(Frame(kFin | kClose, Code(code) + "why \xc3\xa9")),
                ElementsAre(absl::StrCat("close ", code)));
  }
  for (int code : {0, 999, 1004, 1005, 1006, 1012, 1015, 2999, 5000, 65535}) {
    EXPECT_THAT(Read(Frame(kFin | kClose, Code(code))),
                ElementsAre("error 1002"));
  }
  EXPECT_THAT(Read(Frame(kFin | kClose, "\x03")), ElementsAre("error 1002"));
  EXPECT_THAT(Read(Frame(kFin | kClose, Code(1000) + "\xff")),
              ElementsAre("error 1002"));
}

TEST_F(FrameReaderTest, ACloseMayComeInsideOfAMessage) {
  EXPECT_THAT(Read(Frame(kText, "a") + Frame(kFin | kClose, Code(1001))),
              ElementsAre("close 1001"));
}

}  // namespace
}  // namespace aerie::edge
