#!/bin/bash
# Becomes the systemd of a machine of its own: in namespaces that `unshare` has made, on the Debian root in $1 with all
# changes in $2. Nothing of it is seen outside, and all of it ends with this process.
set -euo pipefail
base=$1 changes=$2

mount --make-rprivate /
mkdir -p "$changes"/{written,work,root}
mount -t overlay overlay -o "lowerdir=$base,upperdir=$changes/written,workdir=$changes/work" "$changes/root"
cd "$changes/root"
mount -t proc proc proc
# What is not in a namespace of its own stays as it is: kernel settings, other control groups.
mount --bind proc/sys proc/sys && mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=0755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for device in null zero full random urandom tty autofs; do
  if [ -e "/dev/$device" ]; then touch "dev/$device" && mount --bind "/dev/$device" "dev/$device"; fi
done
mount -t tmpfs -o mode=0755 tmpfs run
mkdir -p .outside
pivot_root . .outside
umount --lazy /.outside
# As on a real machine: what is mounted later shows in the services' own views, too.
mount --make-rshared /
exec env --ignore-environment container=raisingd-test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system
