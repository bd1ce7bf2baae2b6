#!/usr/bin/env bash
# The suite against a real Apache Kafka: fetches the broker's jars when they are not there yet, starts one node on free
# ports in a temporary folder, runs `cargo test --test broker`, stops the node and deletes what it wrote.
#
#   tests/broker.sh                    the whole suite
#   tests/broker.sh NAME               tests whose name contains NAME
#   tests/broker.sh NAME --nocapture   further arguments go to the test program
#   tests/broker.sh bench              what a worker costs (benches/worker.rs); COPYDESK_PAGES and ROUNDS are its settings
#
# Ends with the exit code of the tests; 69 when the broker could not be had. Several runs side by side do no harm.
# The tests find the broker by COPYDESK_TEST_BROKERS, and stop or kill it by COPYDESK_TEST_KAFKA_SH (with KAFKA_DATA).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export COPYDESK_TEST_KAFKA_SH=$here/kafka/kafka.sh
export KAFKA_DATA KAFKA_PORT_BASE COPYDESK_TEST_BROKERS
# Listeners with TLS and logins, and rights, beside the plaintext one.
export KAFKA_SECURE=1

fail() { echo "broker.sh: $*" >&2; exit 69; }

# shellcheck source=kafka/tools.sh
. "$here/kafka/tools.sh"

# A free place under the ephemeral ports. Another process may take a port between the look and the start: then the next.
start_broker() {
  local attempt
  for attempt in 1 2 3 4 5; do
    KAFKA_PORT_BASE=$((20000 + RANDOM % 1200 * 10))
    if COPYDESK_TEST_BROKERS=$("$COPYDESK_TEST_KAFKA_SH" up 1); then return; fi
    echo "broker.sh: attempt $attempt on port base $KAFKA_PORT_BASE failed" >&2
    "$COPYDESK_TEST_KAFKA_SH" wipe
  done
  fail "no broker after 5 attempts"
}

require_tools
"$COPYDESK_TEST_KAFKA_SH" fetch || fail "Kafka's jars could not be fetched"

scratch=$(mktemp -d)
KAFKA_DATA=$scratch/kafka
trap '"$COPYDESK_TEST_KAFKA_SH" wipe; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_broker
echo "broker.sh: Kafka answers on $COPYDESK_TEST_BROKERS"
cd "$here/.."
if [ "${1:-}" = bench ]; then
  cargo bench --locked --features broker --bench worker
else
  cargo test --locked --features broker --test broker -- --test-threads=1 "$@"
fi
