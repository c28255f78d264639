#!/bin/sh
# Debian's chromium built without a window, which takes about half the processor time of the one with.
# Beside everything else that runs: as root it would put itself in front (nice -8), for which it needs CAP_SYS_NICE.
[ "$(id -u)" = 0 ] && exec setpriv --bounding-set=-sys_nice chromium-headless-shell "$@"
exec chromium-headless-shell "$@"
