#!/usr/bin/env bash
# ffmpeg's x11grab gives frames the wall clock's time. Where that is set back, frames keep coming and the muxer puts them a microsecond apart
# for as long as it was set back: a recording of that time plays in no time, and only a warning says so. Exits 0 while that is so.
set -euo pipefail
for program in ffmpeg ffprobe Xtigervnc; do command -v "$program" >/dev/null || { echo "missing: $program" >&2; exit 2; }; done
library=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null) || { echo "missing: Debian's faketime" >&2; exit 2; }
folder=$(mktemp -d)
trap 'kill "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
ffmpeg -version | head -1    # seen with 5.1.9-0+deb12u1
Xtigervnc -displayfd 5 -geometry 320x240 -depth 24 -SecurityTypes None -localhost -rfbport 0 -nolisten tcp 5>display 2>server.log &
echo $! > pid
until [ -s display ]; do sleep 0.1; done
echo +0 > clock
LD_PRELOAD=$library FAKETIME_TIMESTAMP_FILE=$folder/clock FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1 \
  ffmpeg -v warning -f x11grab -framerate 10 -video_size 320x240 -i ":$(cat display)" -frames:v 80 -c:v libx264 -tune zerolatency \
  -fps_mode passthrough -enc_time_base 1:1000000 -video_track_timescale 1000000 out.mp4 2>warnings &
recorder=$!
sleep 3
echo -4 > clock
wait "$recorder" || true
ffprobe -v error -select_streams v -show_entries packet=dts -of csv=p=0 out.mp4 | tr -d , > times
still=$(awk 'NR > 1 && $1 - before == 1 { n++ } { before = $1 } END { print n + 0 }' times)
echo "$(wc -l < times) frames, $still of them a microsecond after the one before; ffmpeg said:"
grep -m 1 -o 'Non-monotonous DTS[^;]*' warnings || true
[ "$still" -ge 10 ]
