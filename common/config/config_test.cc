#include <fstream>

#include "common/config/load.h"
#include "common/config/schema.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aerie::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

enum class Colour { kRed, kBlue };

struct Door {
  std::string path = "/";
  bool locked = true;
};

struct House {
  std::string name = "aerie";
  std::string secret;
  bool heated = false;
  uint32_t floors = 2;
  uint32_t door_bell_ms = 1'500;
  uint64_t cellar_bytes = 1 << 20;
  Colour colour = Colour::kRed;
  std::vector<std::string> tenants;
  std::vector<Door> doors = {Door{}};
  std::map<std::string, std::string> plates;
  std::map<std::string, std::vector<std::string>> rules;
};

absl::Status NotEmpty(absl::string_view text) {
  return text.empty() ? absl::InvalidArgumentError("expected a name")
                      : absl::OkStatus();
}

void BindDoor(Section& section, Door& door) {
  section.Text("path", &door.path, "Where it leads.");
  section.Switch("locked", &door.locked, "Whether it is.");
  section.Check("locked", [&door]() -> absl::optional<std::string> {
    if (door.path == "/open" && door.locked) return "this door stays open";
    return absl::nullopt;
  });
}

void BindHouse(Section& root, House& house) {
  root.Text("name", &house.name, "What it is called.", NotEmpty);
  root.Secret("secret", &house.secret, "Not for all.");
  root.Switch("heated", &house.heated, "In winter.");
  root.Integer("floors", Number(&house.floors), {1, 9}, "How many.");
  Section& limits = root.Child("limits", "How much.");
  limits.DurationMs("door_bell", Number(&house.door_bell_ms), {100, 60'000},
                    "How long it rings.");
  limits.Bytes("cellar", Number(&house.cellar_bytes), {1'024, 1 << 30},
               "How large.");
  root.Choice<Colour>("colour", &house.colour,
                      {{"red", Colour::kRed}, {"blue", Colour::kBlue}},
                      "Of the roof.");
  root.Texts("tenants", &house.tenants, "Who lives there.", NotEmpty);
  root.List<Door>("doors", &house.doors, Door{.path = "/new"}, "The ways in.",
                  BindDoor);
  root.TextMap("plates", &house.plates, "What stands on them.");
  root.TextsMap("rules", &house.rules, "What is asked.");
  root.Check("floors", [&house]() -> absl::optional<std::string> {
    if (house.heated && house.floors > 5) return "too high to be heated";
    return absl::nullopt;
  });
}

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() { BindHouse(root_, house_); }

  // Writes `yaml` to a file and reads it; the file's folder is cut from errors.
  Outcome Read(const std::string& yaml, std::vector<std::string> arguments = {},
               const Environment& environment = {}) {
    const std::string folder = testing::TempDir() + "/";
    std::ofstream(folder + "house.yaml") << yaml;
    arguments.push_back("--config=" + folder + "house.yaml");
    Outcome outcome = Load(program_, root_, arguments, environment);
    for (size_t at; (at = outcome.err.find(folder)) != std::string::npos;) {
      outcome.err.erase(at, folder.size());
    }
    return outcome;
  }

  const Program program_ = {"house", "A house."};
  House house_;
  Section root_;
};

TEST_F(ConfigTest, DefaultsNeedNoFile) {
  const Outcome outcome = Load(program_, root_, {}, {});
  EXPECT_EQ(outcome.exit_status, absl::nullopt);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(house_.floors, 2u);
}

TEST_F(ConfigTest, AFileSetsEveryKindOfKey) {
  const Outcome outcome = Read(R"(
name: nest
heated: true
floors: 3
limits: {door_bell: 250ms, cellar: 2MiB}
colour: blue
tenants: [ada, "7"]
doors:
- {path: /front}
- locked: false
plates: {ada: Lovelace}
rules: {quiet: night, allowed: [dogs, cats]}
)");
  ASSERT_EQ(outcome.err, "");
  EXPECT_EQ(house_.name, "nest");
  EXPECT_TRUE(house_.heated);
  EXPECT_EQ(house_.floors, 3u);
  EXPECT_EQ(house_.door_bell_ms, 250u);
  EXPECT_EQ(house_.cellar_bytes, 2u << 20);
  EXPECT_EQ(house_.colour, Colour::kBlue);
  EXPECT_THAT(house_.tenants, ElementsAre("ada", "7"));
  ASSERT_EQ(house_.doors.size(), 2u);
  EXPECT_EQ(house_.doors[0].path, "/front");
  EXPECT_TRUE(house_.doors[0].locked);
  EXPECT_EQ(house_.doors[1].path, "/new");
  EXPECT_FALSE(house_.doors[1].locked);
  EXPECT_EQ(house_.plates["ada"], "Lovelace");
  EXPECT_THAT(house_.rules["quiet"], ElementsAre("night"));
  EXPECT_THAT(house_.rules["allowed"], ElementsAre("dogs", "cats"));
}

TEST_F(ConfigTest, AnEmptyFileAndAnEmptySectionSetNothing) {
  EXPECT_EQ(Read("").err, "");
  EXPECT_EQ(Read("# nothing\n").err, "");
  EXPECT_EQ(Read("limits:\n").err, "");
  EXPECT_EQ(house_.door_bell_ms, 1'500u);
}

struct Broken {
  const char* yaml;
  const char* error;
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.yaml; }

class BrokenFileTest : public ConfigTest,
                       public testing::WithParamInterface<Broken> {};

TEST_P(BrokenFileTest, SaysWhereAndWhatWasExpected) {
  const Outcome outcome = Read(GetParam().yaml);
  EXPECT_EQ(outcome.exit_status, 2);
  EXPECT_EQ(outcome.err, std::string(GetParam().error) + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Files, BrokenFileTest,
    testing::Values(
        Broken{"name: a\nflors: 3\n",
               "house.yaml:2:1: flors: unknown key; did you mean \"floors\"?"},
        Broken{"limits:\n  roof: 3\n",
               "house.yaml:2:3: limits.roof: unknown key; expected one of "
               "door_bell, cellar"},
        Broken{"doors:\n- path: /\n- pat: /\n",
               "house.yaml:3:3: doors[1].pat: unknown key; did you mean "
               "\"path\"?"},
        Broken{"floors: 3\nfloors: 4\n",
               "house.yaml:2:1: floors: this key stands here twice"},
        Broken{"plates: {a: b, a: c}\n",
               "house.yaml:1:16: plates.a: this key stands here twice"},
        Broken{"[1]: 2\n",
               "house.yaml:1:1: ?: expected the name of a key, got a list"},
        Broken{"- a\n", "house.yaml:1:1: expected a map of keys, got a list"},
        Broken{"house\n",
               "house.yaml:1:1: expected a map of keys, got \"house\""},
        Broken{"name: ''\n", "house.yaml:1:7: name: expected a name"},
        Broken{"name: [a]\n",
               "house.yaml:1:7: name: expected text, got a list"},
        Broken{"name:\n", "house.yaml:1:1: name: expected text, got nothing"},
        Broken{"secret: {a: hush}\n",
               "house.yaml:1:9: secret: expected text, got a map"},
        Broken{"heated: yes\n",
               "house.yaml:1:9: heated: expected true or false, got \"yes\""},
        Broken{"heated: \"true\"\n",
               "house.yaml:1:9: heated: expected true or false, got \"true\" "
               "in quotes"},
        Broken{"floors: 0\n",
               "house.yaml:1:9: floors: expected integer from 1 to 9, got "
               "\"0\""},
        Broken{"floors: two\n",
               "house.yaml:1:9: floors: expected integer from 1 to 9, got "
               "\"two\""},
        Broken{"limits: {door_bell: 500}\n",
               "house.yaml:1:21: limits.door_bell: expected duration from "
               "100ms to 1m, got \"500\""},
        Broken{"limits: {cellar: 1kB}\n",
               "house.yaml:1:18: limits.cellar: expected size from 1KiB to "
               "1GiB, got \"1kB\""},
        Broken{"limits: 3\n",
               "house.yaml:1:9: limits: expected a map of keys, got \"3\""},
        Broken{"colour: green\n",
               "house.yaml:1:9: colour: expected red or blue, got \"green\""},
        Broken{"tenants: ada\n",
               "house.yaml:1:10: tenants: expected a list of texts, got "
               "\"ada\""},
        Broken{"tenants: [ada, '']\n",
               "house.yaml:1:16: tenants[1]: expected a name"},
        Broken{"doors: {path: /}\n",
               "house.yaml:1:8: doors: expected a list of maps, got a map"},
        Broken{"doors: [/]\n",
               "house.yaml:1:9: doors[0]: expected a map of keys, got \"/\""},
        Broken{"plates: [a]\n",
               "house.yaml:1:9: plates: expected a map of texts, got a list"},
        Broken{"rules: {a: {b: c}}\n",
               "house.yaml:1:12: rules.a: expected text, got a map"},
        Broken{"doors:\n- path: /open\n",
               "house.yaml:2:3: doors[0].locked: this door stays open"},
        Broken{"heated: true\nfloors: 9\n",
               "house.yaml:2:9: floors: too high to be heated"},
        Broken{"name: a\n---\nname: b\n",
               "house.yaml: expected one YAML document, got several"},
        Broken{"name: [a\n",
               "house.yaml:2:1: not YAML: end of sequence flow not found"},
        Broken{"floors: 0\nheated: 1\n",
               "house.yaml:1:9: floors: expected integer from 1 to 9, got "
               "\"0\"\nhouse.yaml:2:9: heated: expected true or false, got "
               "\"1\""}));

TEST_F(ConfigTest, AFileThatIsNotThereIsAnError) {
  EXPECT_EQ(Load(program_, root_, {"--config", "/nowhere"}, {}).err,
            "/nowhere: cannot be read\n");
  EXPECT_EQ(Load(program_, root_, {"--config", "/"}, {}).err,
            "/: cannot be read\n");
}

TEST_F(ConfigTest, FlagsWinOverVariablesAndThoseOverTheFile) {
  const Outcome outcome =
      Read("floors: 3\nname: file\ncolour: blue\n", {"--floors=5"},
           {{"AERIE_HOUSE_FLOORS", "4"}, {"AERIE_HOUSE_NAME", "[verbatim"}});
  ASSERT_EQ(outcome.err, "");
  EXPECT_EQ(house_.floors, 5u);
  EXPECT_EQ(house_.name, "[verbatim");
  EXPECT_EQ(house_.colour, Colour::kBlue);
}

TEST_F(ConfigTest, FlagsTakeEqualsOrTheNextArgumentAndYaml) {
  const Outcome outcome =
      Load(program_, root_,
           {"--limits.door_bell", "2s", "--heated", "--tenants=[ada, bob]",
            "--doors=[{path: /back}]"},
           {});
  ASSERT_EQ(outcome.err, "");
  EXPECT_EQ(house_.door_bell_ms, 2'000u);
  EXPECT_TRUE(house_.heated);
  EXPECT_THAT(house_.tenants, ElementsAre("ada", "bob"));
  EXPECT_EQ(house_.doors[0].path, "/back");
}

TEST_F(ConfigTest, WrongFlagsAndVariablesAreNamed) {
  const auto error = [&](const std::vector<std::string>& arguments,
                         const Environment& environment = {}) {
    return Load(program_, root_, arguments, environment).err;
  };
  EXPECT_EQ(error({"--flors=1"}),
            "--flors: unknown flag; did you mean \"--floors\"?\n");
  EXPECT_EQ(error({"serve"}), "serve: unknown flag; see --help\n");
  EXPECT_EQ(error({"--floors"}), "--floors: expected a value\n");
  EXPECT_EQ(error({"--floors=x"}),
            "--floors: expected integer from 1 to 9, got \"x\"\n");
  EXPECT_EQ(error({"--doors=[{locked: 1}]"}),
            "--doors: [0].locked: expected true or false, got \"1\"\n");
  EXPECT_THAT(error({"--doors=[{"}), StartsWith("--doors:1:"));
  EXPECT_EQ(error({"--heated", "--floors=7"}),
            "--floors: too high to be heated\n");
  EXPECT_EQ(error({}, {{"AERIE_HOUSE_FLOORS", "x"}}),
            "AERIE_HOUSE_FLOORS: expected integer from 1 to 9, got \"x\"\n");
  EXPECT_EQ(error({}, {{"AERIE_HOUSE_FLOOR", "1"}}),
            "AERIE_HOUSE_FLOOR: unknown variable; did you mean "
            "\"AERIE_HOUSE_FLOORS\"?\n");
}

TEST_F(ConfigTest, VariablesOfKubernetesAndOfOthersAreNotOurs) {
  const Outcome outcome = Load(program_, root_, {},
                               {{"AERIE_HOUSE_SERVICE_HOST", "10.0.0.1"},
                                {"AERIE_HOUSE_SERVICE_PORT_HTTP", "80"},
                                {"AERIE_HOUSE_PORT", "tcp://10.0.0.1:80"},
                                {"AERIE_HOUSE_PORT_80_TCP_ADDR", "10.0.0.1"},
                                {"PATH", "/bin"}});
  EXPECT_EQ(outcome.err, "");
}

TEST_F(ConfigTest, TheFileMayBeNamedByAVariable) {
  std::ofstream(testing::TempDir() + "/other.yaml") << "floors: 8\n";
  const Environment environment = {
      {"AERIE_HOUSE_CONFIG", testing::TempDir() + "/other.yaml"}};
  EXPECT_EQ(Load(program_, root_, {}, environment).err, "");
  EXPECT_EQ(house_.floors, 8u);
  EXPECT_EQ(Read("floors: 6\n", {}, environment).err, "");
  EXPECT_EQ(house_.floors, 6u);
}

TEST_F(ConfigTest, WhatIsPrintedReadsTheSameAndHidesSecrets) {
  const std::string yaml =
      "name: 'true'\nsecret: hush\nlimits: {cellar: 3KiB}\ntenants: [a b]\n"
      "doors: [{locked: false}]\nplates: {x: 'null', y: ''}\n"
      "rules: {r: [], s: a}\n";
  const Outcome first = Read(yaml, {"--print-config"});
  EXPECT_EQ(first.exit_status, 0);
  EXPECT_THAT(first.out, HasSubstr("cellar: 3KiB\n"));
  EXPECT_THAT(first.out, HasSubstr("secret: <secret>\n"));
  EXPECT_THAT(first.out, Not(HasSubstr("hush")));
  const Outcome second = Read(first.out, {"--print-config"});
  EXPECT_EQ(second.err, "");
  EXPECT_EQ(second.out, first.out);
}

TEST_F(ConfigTest, ChecksAndTellsWithoutRunning) {
  EXPECT_EQ(Read("floors: 1\n", {"--check-config"}).out, "configuration ok\n");
  EXPECT_EQ(Read("floors: 1\n", {"--check-config"}).exit_status, 0);
  EXPECT_EQ(Read("floors: x\n", {"--check-config"}).exit_status, 2);
  EXPECT_THAT(Load(program_, root_, {"--version"}, {}).out,
              StartsWith("aerie-house "));
}

TEST_F(ConfigTest, HelpAndDocumentationNameEveryKey) {
  const std::string help = Load(program_, root_, {"--help"}, {}).out;
  const std::string docs =
      Load(program_, root_, {"--print-config-docs"}, {}).out;
  for (const char* key : {"limits.door_bell", "doors[].locked", "rules"}) {
    EXPECT_THAT(help, HasSubstr(key));
    EXPECT_THAT(docs, HasSubstr(key));
  }
  EXPECT_THAT(help, HasSubstr("--limits.door_bell=<duration, 100ms to 1m> "
                              "(1.5s)\n        How long it rings.\n"));
  EXPECT_THAT(docs, HasSubstr("| `limits.cellar` | size, 1KiB to 1GiB | `1MiB` "
                              "| How large. |\n"));
}

}  // namespace
}  // namespace aerie::config
