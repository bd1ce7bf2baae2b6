# Listeners with TLS, logins and rights for a node of kafka.sh, which reads this file when KAFKA_SECURE=1 made the cluster.
# Beside the plaintext listener, whose clients may do everything, each node then has
#
#   base+10N+4  SASL_SSL: SCRAM-SHA-256, SCRAM-SHA-512, PLAIN, OAUTHBEARER (tokens without a signature are taken)
#   base+10N+5  TLS that asks for a client certificate
#   base+10N+6  TLS with a certificate that has expired
#   base+10N+7  TLS with a certificate of another host
#   base+10N+8  as +4, and every login lasts three seconds
#   base+10N+9  TLS
#
# Users: worker (password worker-secret) may do everything, and so may a client certificate CN=worker; guest
# (guest-secret, CN=guest) may what ACLs say. Keys and certificates lie in $data/tls.

# A certificate: secure_sign CA NAME SUBJECT SAN, and with a fifth argument one that expired in the past.
secure_sign() {
  local ca=$1 name=$2 subject=$3 san=$4 t="$data/tls" days=30 faked=()
  if [ -n "${5:-}" ]; then days=-1; fi
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$subject" -keyout "$t/$name.key" \
    -out "$t/$name.csr" 2> /dev/null
  if [ "$days" = -1 ]; then
    # `openssl x509` takes no day in the past; `openssl ca` does.
    : > "$t/index"
    printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nnew_certs_dir=%s\nrand_serial=yes\npolicy=p\ndefault_md=sha256\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=%s\n' \
      "$t/index" "$t" "$san" > "$t/ca.conf"
    faked=(-startdate 20200101000000Z -enddate 20200201000000Z)
    openssl ca -batch -notext -config "$t/ca.conf" -cert "$t/$ca.crt" -keyfile "$t/$ca.key" "${faked[@]}" \
      -in "$t/$name.csr" -out "$t/$name.crt" 2> /dev/null
  else
    openssl x509 -req -in "$t/$name.csr" -CA "$t/$ca.crt" -CAkey "$t/$ca.key" -CAcreateserial -days "$days" \
      -out "$t/$name.crt" -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$san") 2> /dev/null
  fi
  cat "$t/$name.key" "$t/$name.crt" "$t/$ca.crt" > "$t/$name.pem"
}

# Throw-away keys: the CA that the broker and its clients share, another, and what each has signed.
secure_tls() {
  local t="$data/tls" here_san=DNS:localhost,IP:127.0.0.1 ca
  [ ! -d "$t" ] || return 0
  command -v openssl > /dev/null || fail "openssl is not installed: it makes the certificates"
  mkdir -p "$t"
  for ca in ca other-ca; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$ca" \
      -keyout "$t/$ca.key" -out "$t/$ca.crt" 2> /dev/null
  done
  secure_sign ca broker broker "$here_san"
  secure_sign ca broker-elsewhere broker DNS:elsewhere.test
  secure_sign ca broker-expired broker "$here_san" expired
  secure_sign ca worker worker "$here_san"
  secure_sign ca guest guest "$here_san"
  secure_sign ca worker-expired worker "$here_san" expired
  secure_sign other-ca worker-other worker "$here_san"
  openssl pkcs8 -topk8 -in "$t/worker.key" -out "$t/worker-locked.key" -passout pass:key-secret 2> /dev/null
  chmod 600 "$t"/*.key "$t"/*.pem
}

# Users of SCRAM are made when a node is formatted.
secure_users() {
  local mechanism user
  for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
    for user in worker guest; do echo --add-scram "$mechanism=[name=$user,password=$user-secret]"; done
  done
}

secure_properties() {
  local n=$1 at listener name port listeners map
  at=$(($(base) + 10 * n))
  listeners="PLAINTEXT://127.0.0.1:$((at + 2))" map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
  for listener in LOGIN:4:SASL_SSL MUTUAL:5:SSL EXPIRED:6:SSL ELSEWHERE:7:SSL BRIEF:8:SASL_SSL TLS:9:SSL; do
    IFS=: read -r name port listener <<< "$listener"
    listeners+=",$name://127.0.0.1:$((at + port))" map+=",$name:$listener"
  done
  cat << END
listeners=$listeners,CONTROLLER://127.0.0.1:$((at + 3))
advertised.listeners=$listeners
listener.security.protocol.map=$map
inter.broker.listener.name=PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location=$data/tls/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location=$data/tls/ca.crt
listener.name.mutual.ssl.client.auth=required
listener.name.expired.ssl.keystore.type=PEM
listener.name.expired.ssl.keystore.location=$data/tls/broker-expired.pem
listener.name.elsewhere.ssl.keystore.type=PEM
listener.name.elsewhere.ssl.keystore.location=$data/tls/broker-elsewhere.pem
listener.name.brief.connections.max.reauth.ms=3000
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:worker;User:CN=worker
END
  # PLAIN and OAUTHBEARER are not enabled on the second, so that a mechanism can be asked for that is not there.
  secure_logins login SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER
  secure_logins brief SCRAM-SHA-512,OAUTHBEARER
}

secure_logins() {
  local listener=listener.name.$1 modules=org.apache.kafka.common.security
  cat << END
$listener.sasl.enabled.mechanisms=$2
$listener.scram-sha-256.sasl.jaas.config=$modules.scram.ScramLoginModule required;
$listener.scram-sha-512.sasl.jaas.config=$modules.scram.ScramLoginModule required;
$listener.plain.sasl.jaas.config=$modules.plain.PlainLoginModule required user_worker="worker-secret" user_guest="guest-secret";
$listener.oauthbearer.sasl.jaas.config=$modules.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
$listener.oauthbearer.sasl.server.callback.handler.class=$modules.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler
END
}
