#!/bin/bash
# Process 1 of a private pid and mount namespace: killing it ends everything below it, and its mounts vanish with it.
# init.sh STATE FAR(0|1) HYLAFAX(0|1) HFAXD-PORT
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TZ=UTC
STATE=$1 FAR=$2 HYLAFAX=$3 HFAXD=$4
ulimit -n 4096; ulimit -c 0
spawn() { # name command... : started again if it ends
  local n=$1; shift
  ( while :; do "$@" >> "$STATE/log/$n.out" 2>&1 < /dev/null; echo "$(date -u +%T) $n ended ($?)" >> "$STATE/log/init.out"; sleep 1; done ) &
}
spawn carrier asterisk -C "$STATE/carrier/etc/asterisk.conf" -f
[ "$FAR" = 1 ] && spawn far asterisk -C "$STATE/far/etc/asterisk.conf" -f
if [ "$HYLAFAX" = 1 ]; then
  H=/var/spool/hylafax
  for d in archive client docq doneq info log pollq recvq sendq status tmp dev etc bin; do
    mkdir -p $H/$d; chown uucp:uucp $H/$d
  done
  chown -R uucp:uucp $H/etc; chmod 1777 /run/lock
  rm -f $H/FIFO* $H/status/* /run/lock/LCK..* /dev/ttyIAX? /run/*.pid
  mkfifo -m 600 $H/FIFO; chown uucp:uucp $H/FIFO
  # iaxmodem tries again only after 10 s if nobody hears its first registration
  for i in $(seq 100); do asterisk -C "$STATE/carrier/etc/asterisk.conf" -rx "core waitfullybooted" 2>/dev/null | grep -q fully && break; sleep .1; done
  spawn iaxmodem0 iaxmodem ttyIAX0
  spawn iaxmodem1 iaxmodem ttyIAX1
  for i in $(seq 100); do [ -e /dev/ttyIAX0 ] && [ -e /dev/ttyIAX1 ] && break; sleep .1; done
  spawn faxq faxq -D
  spawn hfaxd hfaxd -d -l 127.0.0.1 -i "$HFAXD"
  spawn faxgetty0 faxgetty ttyIAX0
  spawn faxgetty1 faxgetty ttyIAX1
fi
# Standard input is a pipe from whoever started the laboratory: it ends with that process, whatever its death.
cat > /dev/null
