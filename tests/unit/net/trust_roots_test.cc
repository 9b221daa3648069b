// SPDX-License-Identifier: Apache-2.0
#include "net/trust_roots.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "certificates.h"

using namespace muster;
using Catch::Matchers::Contains;
using muster::test::Identity;
using muster::test::make_identity;
using muster::test::TemporaryDirectory;

namespace {

Getenv asking(const std::map<std::string, std::string>& environment) {
  return [environment](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
}

const Getenv kNothingSet = [](const char*) -> const char* { return nullptr; };

std::string failure_of(const std::string& ca_file, const Getenv& getenv,
                       const std::vector<std::string>& well_known = {}) {
  try {
    load_trust_roots(ca_file, getenv, well_known);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kUnavailable);
    CHECK_THAT(error.next(), Contains("--ca FILE"));
    return error.message();
  }
  return "";
}

}  // namespace

TEST_CASE("roots come from --ca, then SSL_CERT_FILE, then SSL_CERT_DIR, then well-known files") {
  const TemporaryDirectory directory;
  const std::string root = make_identity({.name = "root"}).pem();
  const std::string ca = directory.write("ca.pem", root);
  const std::string file = directory.write("file.pem", root);
  const std::string known = directory.write("known.pem", root);
  std::filesystem::create_directory(directory.path() + "/dir");
  directory.write("dir/one.pem", root);
  const std::string dir = directory.path() + "/dir";
  const std::vector<std::string> well_known = {directory.path() + "/absent.pem", known};

  std::map<std::string, std::string> environment = {{"SSL_CERT_FILE", file}, {"SSL_CERT_DIR", dir}};
  CHECK(load_trust_roots(ca, asking(environment), well_known).path == ca);
  CHECK(load_trust_roots("", asking(environment), well_known).path == file);
  environment["SSL_CERT_FILE"] = "";
  CHECK(load_trust_roots("", asking(environment), well_known).path == dir);
  environment.erase("SSL_CERT_DIR");
  CHECK(load_trust_roots("", asking(environment), well_known).path == known);
}

TEST_CASE("every certificate of a file counts once") {
  const TemporaryDirectory directory;
  const std::string one = make_identity({.name = "one"}).pem();
  const std::string two = make_identity({.name = "two"}).pem();
  const auto roots = load_trust_roots(directory.write("ca.pem", one + two + one), kNothingSet);
  CHECK(roots.certificates == 2);
  CHECK(roots.store != nullptr);
}

TEST_CASE("several directories add up and what is no certificate in them is skipped") {
  const TemporaryDirectory first;
  const TemporaryDirectory second;
  const std::string one = make_identity({.name = "one"}).pem();
  first.write("one.pem", one);
  first.write("README", "no certificate\n");
  second.write("one-again.pem", one);
  second.write("two.pem", make_identity({.name = "two"}).pem());
  const std::string paths = first.path() + ":" + second.path();
  CHECK(load_trust_roots("", asking({{"SSL_CERT_DIR", paths}})).certificates == 2);
}

TEST_CASE("a place the user named that cannot be used is an error, not a fall back") {
  const TemporaryDirectory directory;
  const std::string good = directory.write("good.pem", make_identity({.name = "root"}).pem());
  const std::string absent = directory.path() + "/absent.pem";
  const std::string junk = directory.write("junk.pem", "not a certificate\n");
  const Getenv names_good = asking({{"SSL_CERT_FILE", good}});
  CHECK_THAT(failure_of(absent, names_good, {good}),
             Contains("--ca names " + absent) && Contains("No such file"));
  CHECK_THAT(failure_of(junk, names_good, {good}), Contains("--ca names " + junk));
  CHECK_THAT(failure_of("", asking({{"SSL_CERT_FILE", absent}}), {good}),
             Contains("SSL_CERT_FILE names " + absent));
  CHECK_THAT(failure_of("", asking({{"SSL_CERT_DIR", absent}}), {good}),
             Contains("SSL_CERT_DIR names " + absent));
  const TemporaryDirectory empty;
  CHECK_THAT(failure_of("", asking({{"SSL_CERT_DIR", empty.path()}}), {good}),
             Contains("no certificate in it"));
}

TEST_CASE("where no well-known file can be used the error names all that were tried, and why") {
  const TemporaryDirectory directory;
  const std::string absent = directory.path() + "/absent.pem";
  const std::string junk = directory.write("junk.pem", "not a certificate\n");
  CHECK_THAT(failure_of("", kNothingSet, {absent, junk}),
             Contains(absent + " (No such file or directory)") && Contains(junk + " ("));
}

TEST_CASE("a broken well-known file does not hide the next one") {
  const TemporaryDirectory directory;
  const std::string junk = directory.write("junk.pem", "not a certificate\n");
  const std::string good = directory.write("good.pem", make_identity({.name = "root"}).pem());
  CHECK(load_trust_roots("", kNothingSet, std::vector<std::string>{junk, good}).path == good);
}

TEST_CASE("the well-known files cover the large distributions") {
  const auto files = well_known_root_files();
  CHECK(files.size() == 4);
  CHECK(files[0] == "/etc/ssl/certs/ca-certificates.crt");
}
