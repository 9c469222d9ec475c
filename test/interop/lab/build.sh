#!/usr/bin/env bash
# build.sh ROOT: unpacks Asterisk, HylaFAX and iaxmodem with all that they need from Debian's packages into the folder
# ROOT. Nothing is installed: apt works with a configuration, an empty package database and a cache of its own, no
# maintainer script runs, and the host's package database is not touched. Needs root (device nodes, chroot) and a mirror.
#   SEALFAX_LAB_SUITE   bullseye (default; Asterisk 16) or sid (Asterisk 22)
#   SEALFAX_LAB_MIRROR  a Debian mirror; by default the one that this host's apt uses
set -euo pipefail
ROOT=$1
SUITE=${SEALFAX_LAB_SUITE:-bullseye}
MIRROR=${SEALFAX_LAB_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/\?$' || true)}
APT=$ROOT.apt
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
say() { printf '[lab] %s\n' "$*" >&2; }
die() { say "ERROR: $*"; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root"
[ -n "$MIRROR" ] || die "no Debian mirror among the sources of apt: set SEALFAX_LAB_MIRROR"
[ -e $KEYRING ] || die "$KEYRING is missing (apt-get install debian-archive-keyring)"
rm -rf "$ROOT" "$APT"
mkdir -p "$ROOT" "$APT"/etc/apt/{preferences.d,apt.conf.d,trusted.gpg.d} "$APT"/var/lib/apt/lists/partial \
  "$APT"/var/cache/apt/archives/partial "$APT"/var/lib/dpkg "$APT"/debs
trap 'rm -rf "$APT"' EXIT
: > "$APT/var/lib/dpkg/status"
echo "deb [signed-by=$KEYRING arch=amd64] $MIRROR $SUITE main" > "$APT/etc/apt/sources.list"
# Of the host's configuration only its proxies are taken over.
{ apt-config dump | grep -i '^Acquire::.*proxy' || true
  cat <<EOF
Dir "$APT";
Dir::Etc "$APT/etc/apt";
Dir::State "$APT/var/lib/apt";
Dir::State::status "$APT/var/lib/dpkg/status";
Dir::Cache "$APT/var/cache/apt";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::Check-Valid-Until "false";
EOF
} > "$APT/apt.conf"
export APT_CONFIG=$APT/apt.conf
apt-get -qq update
want="base-files base-passwd bash coreutils dash libc-bin mawk sed grep findutils procps psmisc asterisk
  asterisk-modules hylafax-server hylafax-client iaxmodem libtiff-tools ghostscript"
# Dependencies that only maintainer scripts, mail, fonts or service managers need: resolved by apt, not fetched.
skip='^(adduser|asterisk-config|asterisk-core-sounds.*|bsd-mailx|cron|debconf|dirmngr|dmsetup|dpkg|exim4.*|gnupg.*|gpg.*|init-system-helpers|libapparmor1|libargon2-1|libcryptsetup12|libdevmapper.*|libip4tc2|libkmod2|libpci3|libperl.*|perl.*|pci.ids|libsnmp.*|libsensors.*|lsb-base|netbase|passwd|login|mount|systemd|pinentry-curses|poppler-data|sensible-utils|ucf|libsemanage.*|libsepol1|liblockfile.*|libpam-modules-bin|gsfonts|libgdbm.*|libassuan0|libksba8|libnpth0|libasound2-data|tar|enscript|util-linux|debianutils|libportaudio2|libjack.*|libfreetds.*)$'
apt-get install -s $want 2>/dev/null | awk '/^Inst/{gsub(/[()]/,"",$3); print $2"="$3}' |
  awk -F= -v skip="$skip" '$1 !~ skip' > "$APT/packages.txt"
[ "$(wc -l < "$APT/packages.txt")" -gt 50 ] || die "apt could not resolve the packages of $SUITE"
( cd "$APT/debs" && apt-get -qq download $(cat "$APT/packages.txt") )
unset APT_CONFIG
for deb in "$APT"/debs/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$ROOT" --keep-directory-symlink \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
    --exclude='./usr/share/info/*' --exclude='./usr/share/zoneinfo/*' --exclude='./usr/share/lintian/*' \
    --exclude='./usr/share/bash-completion/*' --exclude='./usr/lib/*/gconv/*'
done
# What the maintainer scripts would have done, as far as it is needed.
mkdir -p "$ROOT"/{dev/pts,proc,tmp,run/lock,var/tmp,root}
ln -sfn /run "$ROOT/var/run" 2>/dev/null || true
[ -e "$ROOT/var/lock" ] || ln -s /run/lock "$ROOT/var/lock"
chmod 1777 "$ROOT"/{tmp,var/tmp,run/lock}
ln -sf mawk "$ROOT/usr/bin/awk"
cp "$ROOT/usr/share/base-passwd/passwd.master" "$ROOT/etc/passwd"
cp "$ROOT/usr/share/base-passwd/group.master" "$ROOT/etc/group"
echo "127.0.0.1 localhost lab" > "$ROOT/etc/hosts"
echo lab > "$ROOT/etc/hostname"
printf 'ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\n' > "$ROOT/etc/protocols"
printf 'hosts: files\npasswd: files\ngroup: files\n' > "$ROOT/etc/nsswitch.conf"
# Device nodes of its own; the host's /dev is never mounted, so that removing the folder can do no harm.
for node in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
  set -- $node; [ -e "$ROOT/dev/$1" ] || mknod -m 666 "$ROOT/dev/$1" c "$2" "$3"
done
ln -sfn pts/ptmx "$ROOT/dev/ptmx"; ln -sfn /proc/self/fd "$ROOT/dev/fd"
chroot "$ROOT" /sbin/ldconfig
touch "$ROOT/.built"
say "built from $SUITE: $(du -sm "$ROOT" | cut -f1) MB"
