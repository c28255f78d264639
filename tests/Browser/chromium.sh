#!/bin/sh
# Debian's chromium, behind everything else that runs: as root it would put itself in front (nice -8), for which it needs CAP_SYS_NICE.
[ "$(id -u)" = 0 ] && exec setpriv --bounding-set=-sys_nice nice -n 10 chromium "$@"
exec nice -n 10 chromium "$@"
