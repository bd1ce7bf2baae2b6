#!/usr/bin/env bash
# Ill-treats workers and a real Apache Kafka of its own, one and three nodes, and holds what comes out against what went in:
# nothing lost, nothing told twice, order kept, verdicts as the print log gives them. Prints a table in the end.
#
#   tests/chaos.sh              the short form, some minutes
#   tests/chaos.sh NAME         scenarios whose name begins with NAME, in the short form
#   tests/chaos.sh long         the long form, laid out for a million records and 200 kills; the program as it is released
#   tests/chaos.sh long NAME    the same of some scenarios
#
# SEED=n repeats what is left to chance. SOAK_SECONDS=3600 makes the steady load of `long soak` an hour long.
# COPYDESK_CHAOS_TABLE names a file to which the table is appended (the long form: chaos.md in the folder of build results),
# COPYDESK_CHAOS_LOGS a folder for what the workers of a failed scenario said.
# Ends with 0 when every scenario held; 69 when a broker could not be had.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export COPYDESK_TEST_KAFKA_SH=$here/kafka/kafka.sh

fail() { echo "chaos.sh: $*" >&2; exit 69; }

# shellcheck source=kafka/tools.sh
. "$here/kafka/tools.sh"

require_tools
"$COPYDESK_TEST_KAFKA_SH" fetch || fail "Kafka's jars could not be fetched"
cd "$here/.."
profile=()
if [ "${1:-}" = long ]; then
  profile=(--release)
  export COPYDESK_CHAOS_TABLE=${COPYDESK_CHAOS_TABLE:-${CARGO_TARGET_DIR:-target}/chaos.md}
fi
scratch=$(mktemp -d)
export COPYDESK_CHAOS_SCRATCH=$scratch
wipe_all() {
  local data
  for data in "$scratch"/*/kafka "$scratch"/.*/kafka; do
    [ ! -d "$data" ] || KAFKA_DATA=$data "$COPYDESK_TEST_KAFKA_SH" wipe
  done
  rm -rf "$scratch"
}
trap wipe_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cargo test --locked "${profile[@]}" --features broker --test chaos -- "$@"
