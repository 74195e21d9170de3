#!/bin/sh
# Removes Tidewatch from this Mac. Its configuration and database stay, unless --purge is given.
# For a test, a folder that stands for the disk can be named: uninstall.sh [--purge] [FOLDER]
set -e
purge=
[ "$1" = "--purge" ] && { purge=1; shift; }
root=${1%/}
if [ -z "$root" ]; then
  [ "$(id -u)" = 0 ] || { echo "uninstall: permission denied; run it as root (sudo)" >&2; exit 77; }
  /bin/launchctl bootout system/io.tidewatch.agent 2>/dev/null || true
  /usr/sbin/pkgutil --forget io.tidewatch.agent >/dev/null 2>&1 || true
fi
rm -f "$root/Library/LaunchDaemons/io.tidewatch.agent.plist" "$root/etc/paths.d/tidewatch"
rm -rf "$root/Library/Tidewatch" "$root/Library/Logs/Tidewatch"
if [ -n "$purge" ]; then rm -rf "$root/Library/Application Support/Tidewatch"; fi
