#!/usr/bin/env bash
# A real Apache Kafka for the tests: one or three KRaft nodes on 127.0.0.1, run from jars that Maven fetches.
# Needs Linux and Java 17 or newer, and Maven for `fetch`. Not for production: small, quick to rebalance.
#
#   kafka.sh fetch        put the jars into the cache folder, unless they are there
#   kafka.sh up [1|3]     make and start a cluster, or start again what is there; prints bootstrap.servers once it answers
#   kafka.sh start N      start node N and wait until it answers
#   kafka.sh stop N       end node N in good order (SIGTERM) and wait
#   kafka.sh kill9 N      end node N at once (SIGKILL)
#   kafka.sh pause N      freeze node N (SIGSTOP) ...
#   kafka.sh resume N     ... and let it go on (SIGCONT)
#   kafka.sh bootstrap    print bootstrap.servers
#   kafka.sh status       one line for every node: port, process, running or not
#   kafka.sh wipe         kill every node and delete the cluster's data
#
# Environment:
#   KAFKA_DATA        folder of the cluster; names it in every call         default: ./kafka-data
#   KAFKA_PORT_BASE   node N listens on base+10N+2 (clients) and base+10N+3 (controller); read when the cluster is made.
#                     Stay under 32768, where the ephemeral ports start     default: 19090
#   KAFKA_PROXIED     not empty: node N also listens on base+10N+4 and says there that it is found on base+10N+5, where the
#                     caller runs a proxy; who connects to base+10N+2 is never sent through it. Read by `up`
#   KAFKA_STORES      folders for the logs of the nodes in place of $KAFKA_DATA/N/store: node N writes to $KAFKA_STORES/N,
#                     where that is there. Read by `up`
#   KAFKA_EXTRA       more server properties, separated by `;`; read by `up`
#   KAFKA_SECURE      1 adds listeners with TLS and logins, and rights (secure.sh); read when the cluster is made
#   KAFKA_HEAP        memory of one node, as Java options                   default: -Xms128m -Xmx512m
#   KAFKA_LIBS        folder of the jars      default: ${XDG_CACHE_HOME:-$HOME/.cache}/copydesk/kafka-4.3.1
#
# Clusters with their own KAFKA_DATA and KAFKA_PORT_BASE run side by side.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libs=${KAFKA_LIBS:-${XDG_CACHE_HOME:-$HOME/.cache}/copydesk/kafka-4.3.1}
data=$(realpath -m "${KAFKA_DATA:-kafka-data}")
read -ra heap <<< "${KAFKA_HEAP:--Xms128m -Xmx512m}"
java=("${JAVA_HOME:+$JAVA_HOME/bin/}java" "${heap[@]}" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError
  -Djava.awt.headless=true "-Dlog4j2.configurationFile=file:$here/log4j2.properties" -cp "$libs/*")

fail() { echo "kafka.sh: $*" >&2; exit 1; }

# shellcheck source=tests/kafka/secure.sh
source "$here/secure.sh"
is_secure() { [ -f "$data/secure" ]; }

# --- the cluster on disk: $data/{base,nodes} and $data/N/{server.properties,pid,log,store}

base() { cat "$data/base"; }
nodes() { cat "$data/nodes" 2> /dev/null || echo 0; }
client_port() { echo $(($(base) + 10 * $1 + 2)); }
controller_port() { echo $(($(base) + 10 * $1 + 3)); }
properties() { echo "$data/$1/server.properties"; }
node_exists() { [[ ${1:-} =~ ^[0-9]+$ && -f $(properties "$1") ]] || fail "no node '${1:-}' in $data"; }

bootstrap() {
  local n list=()
  for n in $(seq "$(nodes)"); do list+=("127.0.0.1:$(client_port "$n")"); done
  (IFS=,; echo "${list[*]}")
}

voters() {
  local n list=()
  for n in $(seq "$(nodes)"); do list+=("$n@127.0.0.1:$(controller_port "$n")"); done
  (IFS=,; echo "${list[*]}")
}

store() { if [ -d "${KAFKA_STORES:-}/$1" ]; then echo "$KAFKA_STORES/$1/store"; else echo "$data/$1/store"; fi; }

write_properties() {
  local n=$1 replicas=1 in_sync=1 listens= advertises=
  if [ "$(nodes)" = 3 ]; then replicas=3 in_sync=2; fi
  if [ -n "${KAFKA_PROXIED:-}" ]; then
    listens=,PROXIED://127.0.0.1:$(($(base) + 10 * n + 4)) advertises=,PROXIED://127.0.0.1:$(($(base) + 10 * n + 5))
  fi
  mkdir -p "$data/$n"
  cat > "$(properties "$n")" << END
process.roles=broker,controller
node.id=$n
controller.quorum.voters=$(voters)
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:$(client_port "$n"),CONTROLLER://127.0.0.1:$(controller_port "$n")$listens
advertised.listeners=PLAINTEXT://127.0.0.1:$(client_port "$n")$advertises
inter.broker.listener.name=PLAINTEXT
log.dirs=$(store "$n")

# tests make the topics they use
auto.create.topics.enable=false
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync

# as large as copydesk's own kafka.max_message
message.max.bytes=8388608
replica.fetch.max.bytes=8388608

# quick: rebalances, the abort of abandoned transactions, the loss of a dead broker
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=3000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500

# small: fewer inner partitions, threads and buffers than a broker of a data centre
offsets.topic.num.partitions=6
transaction.state.log.num.partitions=6
share.coordinator.state.topic.num.partitions=2
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4

$(! is_secure || secure_properties "$n")

# KAFKA_EXTRA; the last value of a property counts
$(tr ';' '\n' <<< "${KAFKA_EXTRA:-}")
END
}

# --- one node

format() {
  local n=$1 users=()
  [ ! -f "$(store "$n")/meta.properties" ] || return 0
  ! is_secure || mapfile -t users < <(secure_users | tr ' ' '\n')
  "${java[@]}" kafka.tools.StorageTool format --cluster-id "$(cat "$data/id")" --config "$(properties "$n")" \
    "${users[@]}" > "$data/$n/log" 2>&1 || { cat "$data/$n/log" >&2; fail "node $n could not be formatted"; }
}

pid() { cat "$data/$1/pid" 2> /dev/null; }

# The process must also name this node's file: the number may belong to a stranger by now.
alive() {
  local p
  p=$(pid "$1") && tr '\0' '\n' 2> /dev/null < "/proc/$p/cmdline" | grep -qxF "$(properties "$1")"
} 2> /dev/null

answers() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# A killed process may hold its ports a moment longer than its name.
is_free() {
  for _ in {1..30}; do
    answers "$1" || return 0
    sleep 0.1
  done
  return 1
}

launch() {
  local n=$1 port
  ! alive "$n" || return 0
  for port in $(client_port "$n") $(controller_port "$n"); do
    is_free "$port" || fail "port $port is taken: wipe $data and choose another KAFKA_PORT_BASE"
  done
  # A session of its own, so that the Ctrl-C that ends a test run does not reach the broker before the tests are done.
  (cd "$data/$n" && exec setsid "${java[@]}" kafka.Kafka "$(properties "$n")") >> "$data/$n/log" 2>&1 < /dev/null &
  echo $! > "$data/$n/pid"
}

# Kafka opens the client port last, when it takes requests.
wait_until_it_answers() {
  local n=$1 deadline=$((SECONDS + 150))
  until answers "$(client_port "$n")"; do
    sleep 0.1
    ((SECONDS < deadline)) || fail "node $n does not answer after 150 s, see $data/$n/log"
    # The first second is for the shell to become java.
    ((SECONDS < deadline - 148)) || alive "$n" || { tail -20 "$data/$n/log" >&2; fail "node $n ended, see $data/$n/log"; }
  done
}

signal() { ! alive "$2" || kill "-$1" "$(pid "$2")"; }

wait_until_it_is_gone() {
  local n=$1 deadline=$((SECONDS + 30))
  while alive "$n"; do
    ((SECONDS < deadline)) || fail "node $n (process $(pid "$n")) does not end"
    sleep 0.1
  done
  rm -f "$data/$n/pid"
}

# --- commands

# Into a folder of its own first: what has the final name is complete, also when two fetches run at once.
fetch() {
  [ ! -d "$libs" ] || return 0
  command -v mvn > /dev/null || fail "mvn is not installed: Maven fetches Kafka's jars"
  local part
  mkdir -p "$(dirname "$libs")"
  part=$(mktemp -d "$libs.XXXXXX")
  # shellcheck disable=SC2064 # $part as it is now
  trap "rm -rf '$part'" EXIT
  mvn -q -B -Dstyle.color=never -f "$here/pom.xml" "-DoutputDirectory=$part" dependency:copy-dependencies >&2
  mv -T "$part" "$libs" 2> /dev/null || [ -d "$libs" ]
}

up() {
  local count=${1:-1} n
  [ "$count" = 1 ] || [ "$count" = 3 ] || fail "up takes 1 or 3"
  [ -d "$libs" ] || fail "no jars in $libs: kafka.sh fetch"
  if [ ! -f "$data/nodes" ]; then
    mkdir -p "$data"
    echo "${KAFKA_PORT_BASE:-19090}" > "$data/base"
    # Kafka's form of a random id: 16 bytes in URL-safe base 64 without padding.
    head -c 16 /dev/urandom | base64 | tr '+/' 'Ab' | cut -c1-22 > "$data/id"
    [ "${KAFKA_SECURE:-}" != 1 ] || { touch "$data/secure"; secure_tls; }
    echo "$count" > "$data/nodes"
  fi
  [ "$(nodes)" = "$count" ] || fail "$data holds a cluster of $(nodes), wipe it first"
  for n in $(seq "$count"); do write_properties "$n"; format "$n"; done
  for n in $(seq "$count"); do launch "$n"; done
  for n in $(seq "$count"); do wait_until_it_answers "$n"; done
  bootstrap
}

status() {
  local n
  for n in $(seq "$(nodes)"); do
    if alive "$n"; then
      echo "node $n port $(client_port "$n") process $(pid "$n") $(sed -n 's/^State:.*(\(.*\))/\1/p' "/proc/$(pid "$n")/status")"
    else
      echo "node $n port $(client_port "$n") down"
    fi
  done
}

wipe() {
  local n
  [ -d "$data" ] || return 0
  [ -f "$data/nodes" ] || fail "$data is no cluster made by this script, it stays"
  for n in $(seq "$(nodes)"); do signal KILL "$n"; wait_until_it_is_gone "$n"; done
  rm -rf "$data"
}

case ${1:-} in
  fetch | bootstrap | status | wipe) "$1" ;;
  up) up "${2:-1}" ;;
  start) node_exists "${2:-}"; launch "$2"; wait_until_it_answers "$2" ;;
  stop) node_exists "${2:-}"; signal CONT "$2"; signal TERM "$2"; wait_until_it_is_gone "$2" ;;
  kill9) node_exists "${2:-}"; signal KILL "$2"; wait_until_it_is_gone "$2" ;;
  pause) node_exists "${2:-}"; signal STOP "$2" ;;
  resume) node_exists "${2:-}"; signal CONT "$2" ;;
  *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
