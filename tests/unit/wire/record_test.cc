// SPDX-License-Identifier: Apache-2.0
#include "wire/record.h"

#include <cerrno>
#include <csignal>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "unit/wire/records.h"

namespace muster {

namespace {

namespace json = boost::json;

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

TEST_CASE("a record is one line that names its schema") {
  Record record = record_of(Exited{0});
  record.spec.argv = {"printf", "a\nb"};
  const std::string text = record_to_json(record, 0);
  CHECK(text.find('\n') == std::string::npos);
  CHECK(to_object(record).at("schema") == "muster.task/1");
}

TEST_CASE("the last attempt decides the state") {
  Record record = record_of(Exited{1});
  CHECK(state_of(record) == "failed");
  record.attempts.push_back(record_of(Exited{0}).attempts.front());
  CHECK(state_of(record) == "succeeded");
  record.attempts.push_back(record_of(Cancelled{"x", Exited{0}}).attempts.front());
  CHECK(state_of(record) == "cancelled");
  CHECK(state_of(record_of(TimedOut{seconds(1), Exited{0}})) == "failed");
}

TEST_CASE("every outcome has its own fields") {
  CHECK(outcome_text(Exited{7}) == R"({"kind":"exited","code":7})");
  CHECK(outcome_text(Signaled{SIGKILL, true}) ==
        R"({"kind":"signaled","signal":9,"signal_name":"SIGKILL","core_dumped":true})");
  CHECK(outcome_text(OutOfMemory{Bytes{512}, Bytes{}}) ==
        R"({"kind":"out_of_memory","limit":512,"peak":null})");
  CHECK(outcome_text(Denied{"rule", "why"}) == R"({"kind":"denied","rule":"rule","reason":"why"})");
  CHECK(outcome_text(NotStarted{StartStep::kExec, ENOENT, "cmd", false}) ==
        R"({"kind":"not_started","step":"exec","errno":2,"subject":"cmd","remedy":""})");
  CHECK(outcome_text(Lost{"gone"}) == R"({"kind":"lost","why":"gone"})");
  CHECK(outcome_text(Cancelled{"me", Exited{3}}) ==
        R"({"kind":"cancelled","by":"me","ending":{"kind":"exited","code":3}})");
}

TEST_CASE("a timeout tells its limit in seconds and how the command then went") {
  const json::object outcome =
      to_object(record_of(TimedOut{milliseconds(1500), Exited{0}})).at("outcome").as_object();
  CHECK(outcome.at("limit") == 1.5);
  CHECK(outcome.at("cpu_time") == false);
  CHECK(outcome.at("ending").at("code") == 0);
  CHECK(outcome.at("words").as_string().starts_with("timed out after 1s500ms"));
}

TEST_CASE("the exit code, the spec and its limits are told") {
  Record record = record_of(Exited{0});
  record.spec.name = "n";
  record.spec.limits.timeout = seconds(90);
  record.spec.limits.output = Bytes{1024};
  record.spec.umask = 027;
  const json::object object = to_object(record, 124);
  CHECK(object.at("exit_code") == 124);
  const json::object& spec = object.at("spec").as_object();
  CHECK(spec.at("name") == "n");
  CHECK(spec.at("argv") == json::array{"cmd", "arg"});
  CHECK(spec.at("umask") == 23);
  CHECK(spec.at("nice").is_null());
  CHECK(json::value_to<double>(spec.at("limits").at("timeout")) == 90.0);
  CHECK(spec.at("limits").at("output") == 1024);
  CHECK(spec.at("limits").at("stack").is_null());
}

TEST_CASE("names of variables are told, values never") {
  Record record = record_of(Exited{0});
  record.spec.environment = {"TOKEN=hunter2", "HOME=/root"};
  record.spec.env_set = {"TOKEN"};
  CHECK(to_object(record).at("spec").at("env") == json::array{"TOKEN"});
  CHECK(record_to_json(record, 0).find("hunter2") == std::string::npos);
}

TEST_CASE("usage, output and times of each attempt are told") {
  Record record = record_of(Exited{0});
  Attempt& attempt = record.attempts.front();
  attempt.number = 2;
  attempt.ended = std::chrono::system_clock::time_point(milliseconds(1500));
  attempt.usage.wall = milliseconds(250);
  attempt.usage.peak_memory = Bytes{4096};
  attempt.usage.involuntary_switches = 3;
  attempt.output = {Bytes{10}, std::nullopt, Bytes{2}};
  attempt.survivors = 1;
  const json::object object = to_object(record);
  CHECK(object.at("usage").at("wall") == 0.25);
  CHECK(object.at("usage").at("peak_memory") == 4096);
  const json::value& told = object.at("attempts").at(0);
  CHECK(told.at("attempt") == 2);
  CHECK(told.at("started_at") == "1970-01-01T00:00:00.000Z");
  CHECK(told.at("ended_at") == "1970-01-01T00:00:01.500Z");
  CHECK(told.at("usage").at("involuntary_switches") == 3);
  CHECK(told.at("output").at("out") == 10);
  CHECK(told.at("output").at("err").is_null());
  CHECK(told.at("output").at("cut") == 2);
  CHECK(told.at("survivors") == 1);
}

TEST_CASE("bytes that are no text do not make invalid JSON") {
  Record record = record_of(NotStarted{StartStep::kExec, ENOENT, "\xff", false});
  record.spec.argv = {"\xff\xfe", std::string("a\0b", 3)};
  const json::object object = to_object(record);
  CHECK(object.at("spec").at("argv").at(0) == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(object.at("spec").at("argv").at(1).as_string() == json::string_view("a\0b", 3));
  CHECK(object.at("outcome").at("subject") == "\xEF\xBF\xBD");
}

}  // namespace muster
