// SPDX-License-Identifier: Apache-2.0
#include "app/executor_by_isolation.h"

#include <catch2/catch.hpp>

namespace muster::app {

namespace {

// Answers with its name, and runs nothing.
class NamedExecutor : public Executor {
 public:
  explicit NamedExecutor(std::string name) : name_(std::move(name)) {}

  Attempt execute(const Spec& /*spec*/, Sink& /*sink*/, Orders& /*orders*/) override {
    Attempt attempt;
    attempt.outcome = Lost{name_};
    return attempt;
  }
  Explanation explain(const Spec& /*spec*/) override { return {{{name_, "", ""}}, {}}; }

 private:
  std::string name_;
};

class NoSink : public Sink {
 public:
  std::optional<int> direct(Stream /*stream*/) override { return std::nullopt; }
  bool merged() const override { return false; }
  Taken take(Stream /*stream*/, std::string_view /*bytes*/) override { return {}; }
  bool flush(Stream /*stream*/) override { return true; }
  int descriptor(Stream /*stream*/) const override { return -1; }
};

class NoOrders : public Orders {
 public:
  int descriptor() const override { return -1; }
  std::optional<Order> next() override { return std::nullopt; }
  void suspend(bool /*whole_job*/) override {}
};

}  // namespace

TEST_CASE("only what asks for no isolation at all reaches the plain executor") {
  NamedExecutor plain("plain");
  NamedExecutor sandbox("sandbox");
  ExecutorByIsolation executor(plain, sandbox);
  NoSink sink;
  NoOrders orders;
  const auto reached = [&](Isolation isolation) {
    Spec spec;
    spec.sandbox.isolation = isolation;
    const std::string ran = std::get<Lost>(executor.execute(spec, sink, orders).outcome).why;
    CHECK(executor.explain(spec).steps.front().name == ran);
    return ran;
  };
  CHECK(reached(Isolation::kNone) == "plain");
  CHECK(reached(Isolation::kSandbox) == "sandbox");
  CHECK(reached(Isolation::kBestEffort) == "sandbox");
}

}  // namespace muster::app
