#!/bin/sh
# Runs inside a fresh Debian with systemd as its first process, and says line by line what held. The packages are
# /proof/first.deb and /proof/second.deb, the next version of the same program. Needs no network.
# shellcheck disable=SC2086
set -u
say() { echo "$1 $2" >>/proof/result; }
holds() { # NAME COMMAND...
    name=$1
    shift
    if "$@" >>/proof/log 2>&1; then say PASS "$name"; else say FAIL "$name"; fi
}
fetch() { curl -fsS --retry 40 --retry-delay 0 --retry-all-errors --retry-max-time 30 "http://127.0.0.1:8080$1"; }
as_gleaner() { runuser -u gleaner -- /usr/bin/gleaner --config /etc/gleaner/gleaner.toml "$@"; }
property() { [ "$(systemctl show gleaner -p "$1" --value)" = "$2" ]; }
searches() { as_gleaner db verify | grep -E 'search_history' | grep -Eo '[0-9]+ rows?' | head -n 1; }

installs() { dpkg -i /proof/first.deb; }
holds "the package installs on a fresh Debian" installs
answers() { fetch /readyz && systemctl is-active gleaner; }
holds "the service starts by itself and answers" answers
restricted() {
    pid=$(systemctl show gleaner -p MainPID --value)
    property NoNewPrivileges yes && property ProtectSystem strict && property MemoryDenyWriteExecute yes &&
        [ "$(stat -c %U "/proc/$pid")" = gleaner ] && grep -q '^NoNewPrivs:[[:space:]]*1' "/proc/$pid/status" &&
        grep -q '^Seccomp:[[:space:]]*2' "/proc/$pid/status" && grep -q '^CapEff:[[:space:]]*0*$' "/proc/$pid/status" &&
        ! nsenter -t "$pid" -m touch /usr/written-by-the-service
}
holds "it runs under the restrictions of its unit" restricted
works() {
    curl -fsS -H 'content-type: application/json' http://127.0.0.1:8080/api/v1/products/search \
        -d '{"filters": {"marketplace": "us", "category": "Books", "bsr_min": 10000, "bsr_max": 50000, "limit": 50}}' |
        grep -q '"recommendation"'
}
holds "it discovers and scores" works
private() { [ "$(stat -c '%U %a' /var/lib/gleaner)" = "gleaner 750" ] && [ "$(stat -c %a /etc/gleaner/secrets.env)" = 600 ]; }
holds "data and secrets are readable by their owners only" private
manual() { [ -s /usr/share/man/man1/gleaner.1.gz ] && [ -s /usr/share/bash-completion/completions/gleaner ]; }
holds "manual pages and completions are there" manual

before=$(searches)
upgrades() {
    dpkg -i /proof/second.deb && fetch /readyz && [ "$(dpkg-query -W -f '${Version}' gleaner)" != "$(cat /proof/first-version)" ] &&
        [ -n "$before" ] && [ "$(searches)" = "$before" ]
}
holds "an upgrade keeps the data and starts the new version" upgrades
removes() { dpkg -r gleaner && ! systemctl is-active gleaner && [ ! -e /usr/bin/gleaner ] && [ -s /var/lib/gleaner/demo.db ]; }
holds "a removal stops the service and keeps the data" removes
returns() { dpkg -i /proof/second.deb && fetch /readyz && [ "$(searches)" = "$before" ]; }
holds "installed again, the data is there" returns
purges() { dpkg -P gleaner && [ ! -e /etc/gleaner ] && [ -s /var/lib/gleaner/demo.db ]; }
holds "a purge removes settings and secrets, and still keeps the data" purges

journalctl -u gleaner --no-pager >>/proof/log 2>&1
say END .
systemctl --no-block poweroff
