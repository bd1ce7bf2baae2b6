# What a suite against a real Kafka needs on this machine: Java and Maven. Sourced; the caller says how it fails.
# shellcheck shell=bash

java_is_new_enough() {
  local version
  version=$("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 17 ]
}

tools_are_there() { java_is_new_enough && command -v mvn > /dev/null; }

require_tools() {
  if ! tools_are_there && [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jdk-headless maven
  fi
  tools_are_there || fail "needs Java 17 or newer and Maven; on Debian: apt-get install openjdk-17-jdk-headless maven"
}
