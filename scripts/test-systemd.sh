#!/bin/bash
# Runs the unit under a real systemd, in namespaces of its own: start, stop, restart, reload, kill -9, a hang, a
# broken configuration. Needs root, systemd and util-linux; nothing of it is left on the machine.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)

boot() {
  local hierarchy home result
  home=$(mktemp -d)
  # Cgroups of its own, so that the systemd inside sees itself at the root.
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [ -f "$hierarchy/cgroup.procs" ]; then
      mkdir -p "$hierarchy/raisingd-test-$$"
      echo $$ >"$hierarchy/raisingd-test-$$/cgroup.procs"
    fi
  done
  RAISINGD_TEST_HOME=$home timeout --kill-after=5 240 unshare --mount --pid --ipc --uts --net --cgroup --fork --kill-child \
    bash "$root/scripts/test-systemd.sh" first-process || true
  result=$(cat "$home/result" 2>/dev/null || echo 1)
  if [ "$result" != 0 ]; then
    tail -n 40 "$home/systemd.log" "$home/service.log" 2>/dev/null || true
  fi
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [ -d "$hierarchy/raisingd-test-$$" ]; then
      echo $$ >"$hierarchy/cgroup.procs"
      find "$hierarchy/raisingd-test-$$" -depth -type d -exec rmdir {} + 2>/dev/null || true
    fi
  done
  rm -rf "$home"
  [ "$result" = 0 ]
}

# Lays out a machine that has nothing but this service, and becomes its systemd.
first_process() {
  local home=$RAISINGD_TEST_HOME
  mount --make-rprivate /
  cp -a /etc "$home/etc"
  for folder in /run /var/lib /var/log /opt /srv; do mount -t tmpfs tmpfs "$folder"; done
  mount -t tmpfs tmpfs /etc && cp -a "$home/etc/." /etc
  mount -t proc proc /proc
  umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup

  mkdir -p /opt/raisingd && mount --bind "$root" /opt/raisingd
  mkdir -p /run/units/raisingd.service.d
  for unit in sysinit basic shutdown multi-user network-online remote-fs; do
    cp "/lib/systemd/system/$unit.target" /run/units/
  done
  cp /opt/raisingd/systemd/raisingd.service /run/units/
  # Only what makes the test quick, shows the log, and opens the share to the group that docs/operations.md names.
  cat >/run/units/raisingd.service.d/test.conf <<EOF
[Service]
RestartSec=200ms
WatchdogSec=3
TimeoutAbortSec=1
SupplementaryGroups=sequencer
StandardOutput=append:$home/service.log
StandardError=append:$home/service.log
EOF
  echo 'sequencer:x:4242:' >>/etc/group
  install -d -m 0750 -g sequencer /srv/sequencer

  bash "$root/scripts/test-systemd.sh" steps </dev/null &
  exec env container=raisingd-test SYSTEMD_UNIT_PATH=/run/units SYSTEMD_LOG_TARGET=console \
    /lib/systemd/systemd --system --unit=basic.target >"$home/systemd.log" 2>&1
}

steps() {
  # Whatever happens in here, the machine goes down; without a result the test has failed.
  trap 'systemctl --force --force poweroff >/dev/null 2>&1' EXIT
  wait_until 'systemd is up' systemctl is-active --quiet basic.target

  write_config 10
  step 'start: systemctl comes back when the service is ready'
  systemctl start raisingd
  systemctl is-active --quiet raisingd
  local first
  first=$(main_pid)
  expect 'it runs as a user of its own' "$(stat -c %u "/proc/$first")" -ne 0
  expect 'its data belong to it alone' "$(stat -L -c %a /var/lib/raisingd)" = 700

  step 'a trace that the group sequencer may read is scored'
  install -m 0640 -g sequencer "$root"/samples/NEG-*.ab1 /srv/sequencer/
  wait_until 'it is in the log' logged 'A control was scored'

  step 'reload: a good configuration is taken, by the same process'
  write_config 20
  systemctl reload raisingd
  wait_until 'it is in the log' logged 'The configuration was read again'
  expect 'the process is the same' "$(main_pid)" = "$first"

  step 'reload: a broken configuration is named and not taken'
  echo 'watch: { scanSeconds: -1 }' >/etc/raisingd/raisingd.yaml
  systemctl reload raisingd
  wait_until 'the fault is in the log' logged 'must be more than 0: -1'
  expect 'the process is the same' "$(main_pid)" = "$first"
  systemctl is-active --quiet raisingd
  write_config 10

  step 'kill -9: started again'
  kill -9 "$first"
  wait_until 'another process runs' runs_after "$first"

  step 'a process that hangs is restarted by the watchdog'
  local second
  second=$(main_pid)
  kill -STOP "$second"
  wait_until 'another process runs' runs_after "$second"

  step 'restart'
  local third
  third=$(main_pid)
  systemctl restart raisingd
  expect 'another process runs' "$(main_pid)" -ne "$third"

  step 'stop: at once, with exit code 0'
  systemctl stop raisingd
  expect 'the unit is inactive' "$(property ActiveState)" = inactive
  expect 'the result is success' "$(property Result)" = success
  expect 'the exit code is 0' "$(property ExecMainStatus)" = 0

  step 'start with a broken configuration: fails once, and is not tried again'
  echo 'dataDri: /var/lib/raisingd' >/etc/raisingd/raisingd.yaml
  if systemctl start raisingd 2>/dev/null; then fail 'it started'; fi
  expect 'the unit has failed' "$(property ActiveState)" = failed
  expect 'the exit code is 2' "$(property ExecMainStatus)" = 2
  echo 0 >"$RAISINGD_TEST_HOME/result"
}

write_config() {
  mkdir -p /etc/raisingd
  cat >/etc/raisingd/raisingd.yaml <<EOF
dataDir: /var/lib/raisingd
watch:
  folders: [/srv/sequencer]
  scanSeconds: $1
  quietSeconds: 0.2
EOF
}

property() { systemctl show --property="$1" --value raisingd; }
main_pid() { property MainPID; }
logged() { grep -q "$1" "$RAISINGD_TEST_HOME/service.log"; }
# Between two processes the unit has none: its number is 0.
runs_after() {
  local pid
  pid=$(main_pid)
  [ "$pid" -ne 0 ] && [ "$pid" -ne "$1" ] && systemctl is-active --quiet raisingd
}
step() { echo "systemd: $1"; }
fail() { echo "systemd: FAILED: $1" && exit 1; }

# expect WHAT LEFT OPERATOR RIGHT
expect() { test "$2" "$3" "$4" || fail "$1: $2 $3 $4"; }

# wait_until WHAT COMMAND...: at most 60 seconds
wait_until() {
  local what=$1 tries=0
  shift
  until "$@" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "$what, which did not happen within 60 seconds"
    sleep 0.1
  done
}

case ${1:-} in
  '') boot ;;
  first-process) first_process ;;
  steps) steps ;;
esac
