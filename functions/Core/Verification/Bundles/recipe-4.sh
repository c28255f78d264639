# notary-recipe/4: how to verify this TEST deposit yourself, with common tools and without the platform
#
#   Unpack the bundle into a folder of its own, read this file, and run it in that folder:
#
#     sh VERIFY.txt                              the evidence
#     sh VERIFY.txt ../my-file                   and whether my-file is what was deposited
#     RPC=https://a-node-of-the-chain TRUST=../my-trust.json sh VERIFY.txt ../my-file       all of it
#
#   Needed: a POSIX sh, coreutils (or busybox), grep, sed, awk, find, openssl 3. With RPC also curl.
#   Used when they are there: pdfsig and pdfdetach (poppler), as a second opinion about the letter.
#
#   The last line says how it ended:                                                    exit status
#     VERIFIED                                                                          0
#     VERIFIED EXCEPT THE CHAIN: ...  all else holds, and no node of the chain said its part      3
#     FAILED IN STEP n: ...                                                             1
#
#   THIS IS A TEST DEPOSIT, made by a sandbox tenant to try the platform: what is verified here proves nothing about
#   anything real.  本证据包为测试存证，由测试账户存入，不证明任何真实的事。
#
#   Of a batch there may be one item here, with the path from it to the batch's root: no other item is disclosed.
#
#   You must decide whose keys you trust. trust.json and trust/*.pem are the platform's own statement of its roots:
#   compare their fingerprints, which step 2 prints, with what you got another way, or name your copy in TRUST.
#
#   A script can be forged with what it judges. This text is the same for every deposit up to the line MEMBERS; below it
#   stand the members' digests. `sed '/^# MEMBERS$/q' VERIFY.txt | sha256sum` must give what the platform's
#   documentation (docs/evidence-format.md, "Recipe") publishes; GET /v1/recipe/4 serves a clean copy, and
#   `notary verify` writes the whole file again and compares.  A clean copy runs in place of this file:  sh recipe-4.sh
#
#   如何自行验证：将证据包解压至单独的文件夹，阅读本文件，然后在该文件夹运行 sh VERIFY.txt 原文件路径 。
#   信任根须与另行取得的副本核对。本脚本在 MEMBERS 一行之前对所有存证均相同，其摘要公布于平台文档。

set -eu
export LC_ALL=C
umask 077
unset CDPATH
step=0
exec 3>&1
t=$(mktemp -d)

fail() { # says why, also from within $( ), and ends the run
  printf 'FAILED IN STEP %s: %s\n' "$step" "$*" >&3 # an echo may obey \n, and what it says may be a forger's
  : > "$t/said"
  exit 1
}

# shellcheck disable=SC2317 # called by trap
finish() {
  status=$?
  trap - EXIT
  case $status in
    0 | 3) ;;
    *) [ -e "$t/said" ] || echo "FAILED IN STEP $step: a command of this step failed (status $status)" >&3; status=1 ;;
  esac
  rm -rf "$t"
  exit "$status"
}
trap finish EXIT
trap 'fail interrupted' HUP INT TERM

begin() { step=$1; echo "$1. $2"; }
say() { printf '   %s\n' "$*"; }
later() { printf ' - %s\n' "$*" >> "$t/unjudged"; }
sha() { sha256sum | sed 's/ .*//'; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
unhex() { printf %b "$(printf %s "$1" | awk "$lib"'{ load($0); for (i = 0; i < total; i++) printf "\\0%03o", byte(i) }')"; }
between() { tail -c +$(($2 + 1)) "$1" 2>/dev/null | head -c "$3"; } # file, offset, length
has() { case "$nl$listed$nl" in *"$nl$1$nl"*) ;; *) return 1 ;; esac; } # whether VERIFY.txt lists this member
who() { # a certificate's subject and digest
  openssl x509 -in "$1" -noout -subject -fingerprint -sha256 -nameopt RFC2253,utf8,-esc_msb \
    | sed -n '1{s/^subject= *//;h;d;}; s/.*=//; s/://g; y/ABCDEF/abcdef/; H; x; s/\n/, certificate sha256 /p'
}
nl='
'
tab=$(printf '\t')

# For awk: bytes of hexadecimal text; seconds since 1970 of a time of RFC 3339 in UTC, or -1.
lib='
  BEGIN { d = "0123456789abcdef" }
  function load(text) { s = text; total = length(s) / 2 }
  function byte(i) { return 16 * (index(d, substr(s, 2 * i + 1, 1)) - 1) + index(d, substr(s, 2 * i + 2, 1)) - 1 }
  function two(digits) { return ("1" digits) - 100 } # some take 08 for octal
  function seconds(text,   v, y, m, day, days) {
    if (text !~ /^[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?Z$/) return -1
    split("1" text, v, /[-T:.Z]/); y = v[1] - 10000; m = two(v[2]); day = two(v[3])
    days = m == 2 ? 28 + (y % 4 == 0 && (y % 100 || y % 400 == 0)) : 30 + (m + int(m / 8)) % 2
    if (m < 1 || m > 12 || day < 1 || day > days || two(v[4]) > 23) return -1
    if (m < 3) { y--; m += 12 }
    day += 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * m - 457) / 5) - 719469
    return day * 86400 + two(v[4]) * 3600 + two(v[5]) * 60 + two(v[6])
  }
'
seconds() { printf '%s\n' "$1" | awk "$lib"'{ at = seconds($0); printf "%.0f\n", at; exit at < 0 }' || fail "no time: $1"; }
trimmed() { printf %s "$1" | sed 's/\(\.[0-9]*[1-9]\)0*Z/\1Z/; s/\.0*Z/Z/'; } # without zeros at the end of its fraction

# Lines of base64 in its only spelling (RFC 4648 section 4) as lines of hexadecimal.
base64_hex() {
  awk '
    BEGIN { a = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" }
    { n = length($0); pad = /==$/ ? 2 : /=$/ ? 1 : 0; out = ""
      if (n == 0 || n % 4 || substr($0, 1, n - pad) !~ /^[A-Za-z0-9+\/]+$/) exit 1
      for (i = 1; i <= n; i += 4) {
        v = 0
        for (j = 0; j < 4; j++) { c = substr($0, i + j, 1); v = v * 64 + (c == "=" ? 0 : index(a, c) - 1) }
        k = i + 3 < n ? 3 : 3 - pad
        if (k < 3 && v % (k == 2 ? 256 : 65536)) exit 1
        out = out substr(sprintf("%06x", v), 1, 2 * k)
      }
      print out
    }' || fail 'base64 that is none, or in another than its one spelling'
}

# JSON as lines of a pointer (RFC 6901), a tab and the value as it is written. Strings end at the quotes that records end
# at. With strict=1 only what RFC 8785 writes passes: no white space, keys ascending, one spelling of each escape.
flat() { # file, strict
  if [ "$2" = 1 ] && [ "$(tr -cd '\000-\037' < "$1" | wc -c)" -ne 0 ]; then fail "$1 is not canonical JSON: white space"; fi
  awk -v strict="$2" '
    BEGIN { RS = "\""; want = "value"; depth = 0; path[0] = "" }
    function bad(why) { print why; failed = 1; exit 1 }
    function put(value) {
      if (want != "value" && want != "first") bad("a value where none may stand")
      print path[depth] "\t" value
      want = depth ? "next" : "end"
    }
    function open(kind) {
      if (want != "value" && want != "first") bad("a bracket where none may stand")
      if (depth > 20) bad("nested too deeply")
      base[depth + 1] = path[depth]; kinds[++depth] = kind; had[depth] = 0; count[depth] = 0
      if (kind == "{") { want = "key or end"; path[depth] = "" } else { want = "first"; path[depth] = base[depth] "/0" }
    }
    function close_(kind, empty) {
      if (!depth || kinds[depth] != kind || !(want == "next" || want == empty)) bad("a bracket that closes nothing")
      depth--
      if (want == empty) { want = "value"; put(kind == "{" ? "{}" : "[]") } else want = depth ? "next" : "end"
    }
    function text(raw,   plain) {
      plain = raw
      gsub(/\\["\\bfnrt]/, "", plain); gsub(/\\u00[01][0-9a-f]/, "", plain)
      if (strict && (index(plain, "\\") || raw ~ /\\u000[89acd]/)) bad("a text is not spelt as RFC 8785 has it")
      if (want == "key or end" || want == "key") {
        if (strict && had[depth] && raw !~ /[^ -~]|\\/ && last[depth] !~ /[^ -~]|\\/ && !((last[depth] "") < (raw "")))
          bad("members are not in their order")
        had[depth] = 1; last[depth] = raw
        gsub(/~/, "~0", raw); gsub(/\//, "~1", raw)
        path[depth] = base[depth] "/" raw
        if (path[depth] in seen) bad("a member twice")
        seen[path[depth]] = 1
        want = "colon"
      } else put("\"" raw "\"")
    }
    function marks(s,   c) {
      while (s != "") {
        c = substr(s, 1, 1)
        if (!strict && c ~ /[ \t\r\n]/) { s = substr(s, 2); continue }
        if (c == "{" || c == "[") open(c)
        else if (c == "}") close_("{", "key or end")
        else if (c == "]") close_("[", "first")
        else if (c == ":" && want == "colon") want = "value"
        else if (c == "," && want == "next") {
          if (kinds[depth] == "{") want = "key"; else { path[depth] = base[depth] "/" ++count[depth]; want = "value" }
        } else {
          if (!match(s, strict ? "^(null|true|false|0|[1-9][0-9]*)" : "^(null|true|false|[-+.0-9eE]+)")) bad("no JSON")
          if (strict && RLENGTH > 16) bad("a number is too large")
          put(substr(s, 1, RLENGTH)); s = substr(s, RLENGTH + 1); continue
        }
        s = substr(s, 2)
      }
    }
    inside { held = held $0; if (match($0, /\\+$/) && RLENGTH % 2) { held = held "\""; next } inside = 0; text(held); next }
    { marks($0); inside = 1; held = "" }
    END { if (!failed && (want != "end" || (inside && held != ""))) { print "it ends too soon"; exit 1 } }' "$1" > "$t/flat" \
    || fail "$1 is not canonical JSON: $(tail -n 1 "$t/flat")"
  cat "$t/flat"
}

# The value at a pointer, a text without its quotes; empty when there is none.
get() { p=$2 awk -F '\t' '$1 == ENVIRON["p"] { v = substr($0, length($1) + 2); if (v ~ /^"/) v = substr(v, 2, length(v) - 2); print v; exit }' "$1"; }

# Each line of a flat file is of one of the forms on stdin (pointer, kind of value, both regular expressions or hexN,
# 0xhexN), and each form that does not end in "?" occurs.
shaped() { # flat file, name
  awk -v file="$1" '
    function is(v, kind,   n) {
      if (kind ~ /^(0x)?hex[0-9]+$/) {
        n = kind; sub(/^(0x)?hex/, "", n)
        return length(v) == n + 2 + (kind ~ /^0x/ ? 2 : 0) && v ~ (kind ~ /^0x/ ? "^\"0x[0-9a-f]+\"$" : "^\"[0-9a-f]+\"$")
      }
      return v ~ ("^(" kind ")$")
    }
    NF { optional[++n] = $NF == "?"; pointer[n] = $1; kinds[n] = $2 }
    END {
      while ((getline line < file) > 0) {
        tab = index(line, "\t"); ok = 0
        for (i = 1; i <= n && !ok; i++)
          if (substr(line, 1, tab - 1) ~ ("^" pointer[i] "$") && is(substr(line, tab + 1), kinds[i])) { ok = 1; used[i] = 1 }
        if (!ok) { print "it has what its format does not: " substr(line, 1, 200); exit 1 }
      }
      for (i = 1; i <= n; i++) if (!optional[i] && !used[i]) { print "it lacks " pointer[i]; exit 1 }
    }' > "$t/shape" || fail "$2: $(cat "$t/shape")"
}

needs() { # flat file, name, pointers: each is there, or something below it
  file=$1 name=$2
  shift 2
  for pointer; do grep -q "^${pointer}[/$tab]" "$file" || fail "$name lacks $pointer"; done
}

# DER: of each value at a path (children counted from 0, "-" the last, "." the whole, an OCTET STRING's contents count as children) a
# line "offset length contents-in-hexadecimal", or "none".
der() { # file, paths
  hex < "$1" > "$t/hex"
  shift
  awk -v paths="$*" "$lib"'
    function head(at,   k) { # sets from and len
      len = byte(at + 1); from = at + 2
      if (len >= 128) { k = len - 128; if (k < 1 || k > 3) { len = -1; return }; for (len = 0; k > 0; k--) len = len * 256 + byte(from++) }
      if (from + len > total) len = -1
    }
    { load($0); n = split(paths, all, " ")
      for (i = 1; i <= n; i++) {
        at = 0; head(at); m = all[i] == "." ? 0 : split(all[i], nodes, "/"); found = len >= 0
        for (j = 1; j <= m && found; j++) {
          end = from + len; child = from; found = 0
          for (k = 0; child < end; k++) {
            head(child); if (len < 0) break
            if (nodes[j] == k || (nodes[j] == "-" && from + len == end)) { at = child; found = 1; break }
            child = from + len
          }
        }
        if (!found) print "none"; else print at, from + len - at, len <= 4096 ? substr(s, 2 * from + 1, 2 * len) : "long"
      }
    }' "$t/hex"
}

# What a time-stamp token says: sets time, at (seconds), serial, policy; and where the token itself lies: start, length.
timed() { # file, path of its TSTInfo, path of the token in the file
  der "$1" "$2/1" "$2/3" "$2/4" "$3" . > "$t/tst"
  awk -v whole="0 $(wc -c < "$1")" "$lib"'
    NR == 1 { load($3); n = 0; oid = ""
      for (i = 0; i < total; i++) { b = byte(i); n = n * 128 + b % 128
        if (b < 128) { if (oid == "") { f = n < 80 ? int(n / 40) : 2; oid = f "." n - 40 * f } else oid = oid "." n; n = 0 } } }
    NR == 2 { serial = $3; sub(/^00/, "", serial) }
    NR == 3 { load($3); for (i = 0; i < total; i++) g = g sprintf("%c", byte(i))
      if (total < 15 || g !~ /^[0-9]+(\.[0-9]*[1-9])?Z$/) exit 1
      time = substr(g, 1, 4) "-" substr(g, 5, 2) "-" substr(g, 7, 2) "T" substr(g, 9, 2) ":" substr(g, 11, 2) ":" substr(g, 13) }
    NR == 4 { at = $1 " " $2 }
    NR == 5 { if (length(serial) > 40 || seconds(time) < 0 || $1 " " $2 != whole) exit 1
      printf "%s %.0f %s %s %s\n", time, seconds(time), serial, oid, at }' "$t/tst" > "$t/said-time" \
    || fail "$1 is not one time-stamp token whose time and serial number can be read"
  read -r time at serial policy start length < "$t/said-time"
}

# The CMS names its signer by the certificate's own bytes: openssl takes a name in another case for the same.
named() { # file, certificate, what it is
  openssl x509 -in "$2" -outform DER > "$t/der"
  der "$t/der" 0/3 0/1 > "$t/place"
  while read -r where long rest; do between "$t/der" "$where" "$long"; done < "$t/place" | hex > "$t/name"
  [ "$(der "$1" 1/0/-/0/1 | sed 's/.* //')" = "$(cat "$t/name")" ] || fail "$3: the signer is not named as his certificate names him"
}

remember() { # a CMS, its time, what it is: its certificates, and for the revocation lists who signed when
  openssl pkcs7 -inform DER -in "$1" -print_certs 2> /dev/null >> "$t/certificates" || fail "$3: its certificates cannot be read"
  echo "$(openssl x509 -in "$t/signer" -noout -issuer_hash) $(openssl x509 -in "$t/signer" -noout -serial | sed 's/.*=//') $2 $3" >> "$t/signers"
}

# The token holds, under the roots of this authority alone and with its policy; says who signed.
holds() { # file, data, authority, -token_in for a bare token, what it is
  # shellcheck disable=SC2086 # nothing or one word
  openssl ts -verify $4 -attime "$at" -in "$1" -data "$2" -CAfile "trust/tsa-$3.pem" > "$t/out" 2>&1 \
    || fail "$5 does not hold: $(grep -v '^Using conf' "$t/out" | tail -n 1)"
  grep -q '^Verification: OK' "$t/out" || fail "$5 does not hold"
  grep -Fqx -e "$3 null" -e "$3 $policy" "$t/authorities" || fail "$5: its policy $policy is not the one that trust.json names for $3"
  between "$1" "$start" "$length" > "$t/token"
  openssl cms -verify -noverify -inform DER -in "$t/token" -signer "$t/signer" -out /dev/null 2>/dev/null || fail "$5 lacks its signer's certificate"
  named "$t/token" "$t/signer" "$5"
  certificate=$(sha < "$t/der")
  remember "$t/token" "$at" "$5"
  say "$5: $time, serial $serial, policy $policy"
  say "   signed by $(who "$t/signer")"
}

same() { [ "$2" = "$3" ] || fail "$1 differ: $2 and $3"; }
no_later() { [ "$2" -le $(($4 + 120)) ] || fail "out of order: $1 is later than $3"; }

for tool in awk cat cmp cp cut date find grep head mktemp od openssl sed sha256sum sort tail tr uniq wc; do
  command -v "$tool" > /dev/null || fail "$tool is needed and not here"
done
case $(openssl version) in
  'OpenSSL '[3-9]*) ;;
  *) fail "openssl 3 or later is needed; here is $(openssl version)" ;;
esac

begin 1 'The members are those that VERIFY.txt lists, and no other'
[ -f VERIFY.txt ] || fail 'VERIFY.txt is not here: run this in the folder that the bundle was unpacked into'
fixed=$(sed '/^# MEMBERS$/q' VERIFY.txt | sha)
[ ! -f "$0" ] || [ "$(sed '/^# MEMBERS$/q' "$0" | sha)" = "$fixed" ] || fail 'the VERIFY.txt in this folder is another script than the one that runs'
say "this script, without the list of members: sha256 $fixed"
sed '1,/^# MEMBERS$/d; s/^# //' VERIFY.txt > "$t/sums"
grep -v -e '^[0-9a-f]*  \(manifest\.json\|inclusion\.tlog-proof\|checkpoint\|anchor\.json\|letter\.pdf\|trust\.json\)$' \
  -e '^[0-9a-f]*  item\.\(json\|proof\)$' \
  -e '^[0-9a-f]*  \(trust/[a-z0-9-]*\.pem\|tokens/[a-z0-9-]*\.tsr\|original/[0-9]*\)$' "$t/sums" && fail 'VERIFY.txt lists what no bundle has'
listed=$(cut -c 67- "$t/sums")
printf '%s\n' "$listed" | sort > "$t/listed"
sort -u "$t/listed" | cmp -s - "$t/listed" || fail 'VERIFY.txt lists a member twice'
for name in manifest.json inclusion.tlog-proof checkpoint anchor.json letter.pdf trust.json trust/log.pem trust/letters.pem; do
  has "$name" || fail "VERIFY.txt does not list $name"
done
case $(grep -c '^item\.' "$t/listed") in 0 | 2) ;; *) fail 'an item without its path, or a path without its item' ;; esac
for name in $listed; do
  { [ -f "$name" ] && [ ! -L "$name" ]; } || fail "$name is missing, or no plain file"
done
# shellcheck disable=SC2086 # names without blanks
sha256sum $listed > "$t/sums-here"
grep -Fvx -f "$t/sums" "$t/sums-here" > "$t/strange" && fail "$(cut -c 67- "$t/strange" | head -n 1) does not have the digest that VERIFY.txt states for it"
{ cat "$t/listed"; echo VERIFY.txt; for file; do printf '%s\n' "${file#./}"; done; } > "$t/known"
find . ! -type d | sed 's,^\./,,' | grep -Fvx -f "$t/known" > "$t/strange" && fail "here lies what the bundle does not list: $(head -n 1 "$t/strange")"
say "$(wc -l < "$t/sums") members"

begin 2 'Whose keys: trust.json, and the PEM files say the same'
flat trust.json 1 > "$t/trust"
shaped "$t/trust" trust.json << 'END'
/format "notary-trust/[123]"
/log/origin "[^+]+"
/log/key "[A-Za-z0-9+/=]+"
/authorities/[0-9]+/name "[a-z0-9][a-z0-9-]*"
/authorities/[0-9]+/legalName ".+" ?
/authorities/[0-9]+/policy null|"[0-9.]+"
/authorities/[0-9]+/roots/[0-9]+ "[A-Za-z0-9+/=]+"
/letterRoots/[0-9]+ "[A-Za-z0-9+/=]+" ?
/letters/roots/[0-9]+ "[A-Za-z0-9+/=]+" ?
/letters/signer/commonName ".+" ?
/letters/signer/organization null|".+" ?
/letters/office/(zh|en|shortName) ".+" ?
/chain/chainId [1-9][0-9]*
/chain/contract 0xhex40
/chain/senders \[\] ?
/chain/senders/[0-9]+ 0xhex40 ?
END
needs "$t/trust" trust.json /chain/senders
if [ "$(get "$t/trust" /format)" = notary-trust/1 ]; then
  roots=/letterRoots other=/letters/
else
  roots=/letters/roots other=/letterRoots/
  needs "$t/trust" trust.json /letters/signer/commonName /letters/signer/organization /letters/office/zh /letters/office/en
fi
parts=3 # members of an authority: since notary-trust/3 its legal name too
if [ "$(get "$t/trust" /format)" = notary-trust/3 ]; then
  needs "$t/trust" trust.json /letters/office/shortName
  parts=4
else
  other="$other\|/letters/office/shortName\|/authorities/[0-9]*/legalName"
fi
if grep -q "^\($other\)" "$t/trust"; then fail "trust.json has members of another format"; fi
pem() { # pointer of a list or a key, file, what it holds: what the PEM holds is what trust.json holds
  sed -n "s,^$1[/0-9]*	,,p" "$t/trust" | tr -d '"' > "$t/one"
  awk -v of="$3" '{ print "-----BEGIN " of "-----"; for (i = 1; i <= length($0); i += 64) print substr($0, i, 64); print "-----END " of "-----" }' \
    "$t/one" > "$t/other"
  { [ -s "$t/one" ] && cmp -s "$2" "$t/other"; } || fail "$2 is not what trust.json says"
}
certificates() { # file, what: the fingerprints, and the keys' digests for the comparison
  rm -f "$t"/root-*
  : > "$t/own"
  awk -v to="$t/root-" '/^-----BEGIN/ { n++ } { print > (to n) }' "$1"
  for root in "$t"/root-*; do
    openssl x509 -in "$root" -noout -pubkey > "$t/key" 2> /dev/null || fail "$1 holds what is no certificate"
    sha < "$t/key" >> "$t/own"
    say "$2: $(who "$root")"
  done
  sort -u "$t/own" >> "$t/keys"
}
pem /log/key trust/log.pem 'PUBLIC KEY'
openssl pkey -pubin -in trust/log.pem -outform DER > "$t/spki" 2>/dev/null || fail "trust/log.pem is no key"
origin=$(get "$t/trust" /log/origin)
hex < "$t/spki" | grep -q '^3059301306072a8648ce3d020106082a8648ce3d03010703420004.\{128\}$' || fail 'the key of the log is not on P-256'
say "log $origin: key sha256 $(sha < "$t/spki")"
# Each with the policy that its tokens must state, or null.
awk -F '\t' '{ gsub(/"/, "", $2) }
  $1 ~ /^\/authorities\/[0-9]+\/name$/ { name = $2 }
  $1 ~ /^\/authorities\/[0-9]+\/policy$/ { print name, $2 }' "$t/trust" > "$t/authorities"
[ -s "$t/authorities" ] || fail 'trust.json names no time-stamp authority'
i=0
while read -r name rest; do
  pem "/authorities/$i/roots" "trust/tsa-$name.pem" CERTIFICATE
  certificates "trust/tsa-$name.pem" "time-stamp authority $name, root"
  i=$((i + 1))
done < "$t/authorities"
[ "$i" -gt 1 ] || fail 'trust.json names one time-stamp authority alone: one that errs is found out only by another'
[ -z "$(sort "$t/keys" | uniq -d)" ] || fail 'two of the time-stamp authorities have one root or its key: they are not two'
[ "$(grep -c '^/authorities/[0-9]*/\(name\|legalName\|policy\|roots/0\)'"$tab" "$t/trust")" -eq $((parts * i)) ] \
  || fail 'an authority lacks a name, its policy or roots'
grep -c '^trust/tsa-' "$t/listed" | grep -qx "$i" || fail 'the bundle has a PEM file of an authority that trust.json does not name'
pem $roots trust/letters.pem CERTIFICATE
certificates trust/letters.pem 'letters, root'
chain=$(get "$t/trust" /chain/chainId) contract=$(get "$t/trust" /chain/contract)
say "chain $chain, contract $contract"
if [ -n "${TRUST:-}" ]; then
  cmp -s "$TRUST" trust.json || fail "trust.json is not the same as $TRUST"
  say "trust.json is the same as $TRUST"
else
  later "whose keys these are: compare the fingerprints of step 2 with a copy that you got another way, or set TRUST to it"
fi

begin 3 'The manifest, and the originals'
flat manifest.json 1 > "$t/manifest"
shaped "$t/manifest" manifest.json << 'END'
/format "notary-manifest/1"
/id "........-....-7...-[89ab]...-............"
/kind "(file|digest|forensics|draw|contract|batch)"
/itemCount [1-9][0-9]* ?
/itemsRoot hex64 ?
/test true
/depositor "did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._%-]"
/receivedAt "....-..-..T..:..:..\.[0-9][0-9][0-9]Z"
/salt "[A-Za-z0-9_-]+"
/items/[0-9]+/name ".*"
/items/[0-9]+/size null|[0-9]+
/items/[0-9]+/mediaType ".*"
/items/[0-9]+/digests/sha-256 hex64
/items/[0-9]+/digests/sm3 hex64 ?
/items/[0-9]+/digests/sha-512 hex128 ?
/notBefore null ?
/notBefore/block [0-9]+ ?
/notBefore/chainId [0-9]+ ?
/notBefore/hash 0xhex64 ?
/previous null ?
/previous hex64 ?
/notes {} ?
/notes/.+ ".*" ?
END
needs "$t/manifest" manifest.json /notBefore /previous /notes
[ -z "$(get "$t/manifest" /id | tr -d 0-9a-f-)" ] || fail 'the id of the manifest is no UUID'
case $(grep -c '^/notBefore' "$t/manifest") in 1 | 3) ;; *) fail 'manifest.json names half a block' ;; esac
m=$(sha < manifest.json)
say "deposit $(get "$t/manifest" /id), manifest digest $m"
received=$(get "$t/manifest" /receivedAt)
receivedAt=$(seconds "$received")
sed -n 's,^/items/\([0-9]*\)/digests/sha-256	"\(.*\)"$,\1 \2,p' "$t/manifest" > "$t/items"
[ "$(grep -c '^/items/[0-9]*/\(name\|size\|mediaType\|digests/sha-256\)'"$tab" "$t/manifest")" -eq $((4 * $(wc -l < "$t/items"))) ] \
  || fail 'an item of the manifest lacks name, size, type or digest'
say 'A TEST DEPOSIT of a sandbox tenant: it proves nothing about anything real. 测试存证，不证明任何真实的事。'
batch=
if [ "$(get "$t/manifest" /kind)" = batch ]; then
  batch=1 count=$(get "$t/manifest" /itemCount) itemsRoot=$(get "$t/manifest" /itemsRoot)
  needs "$t/manifest" manifest.json /itemCount /itemsRoot
  say "a batch of $count items, root $itemsRoot"
elif grep -q '^/\(itemCount\|itemsRoot\)'"$tab" "$t/manifest"; then
  fail 'manifest.json counts items and is of no batch'
fi
octal() { awk "$lib"'{ load($1); for (i = 0; i < 32; i++) printf "\\0%03o", byte(i); print "" }'; }
climb() { # root so far, index, size - 1, lines of octal: RFC 9162 section 2.1.3.2; sets r and sn
  r=$1 fn=$2 sn=$3
  while IFS= read -r p; do
    [ "$sn" -gt 0 ] || fail 'the path is too long'
    if [ $((fn % 2)) -eq 1 ] || [ "$fn" -eq "$sn" ]; then
      r=$(printf %b "\0001$p$r" | sha256sum | octal)
      while [ $((fn % 2)) -eq 0 ] && [ "$fn" -gt 0 ]; do fn=$((fn / 2)) sn=$((sn / 2)); done
    else
      r=$(printf %b "\0001$r$p" | sha256sum | octal)
    fi
    fn=$((fn / 2)) sn=$((sn / 2))
  done < "$4"
}
if has item.json; then
  [ "$batch" ] || fail 'the manifest is of no batch, so the item belongs to nothing'
  flat item.json 1 > "$t/item"
  shaped "$t/item" item.json << 'END'
/format "notary-item/1"
/digests/sha-256 hex64
/salt "[A-Za-z0-9_-]+"
/mediaType ".*" ?
/name ".*" ?
/notes/.+ ".*" ?
/reference ".+" ?
/size [0-9]+ ?
END
  { [ "$(head -n 1 item.proof)" = notary-item-proof/1 ] && [ "$(tail -c 1 item.proof | hex)" = 0a ]; } || fail 'item.proof is of another format'
  number=$(sed -n '2s/^index //p' item.proof)
  printf '%s\n' "$number" | grep -qx '0\|[1-9][0-9]\{0,6\}' || fail 'the number of the item is no number'
  [ "$number" -lt "$count" ] || fail "item $number is not among $count"
  sed 1,2d item.proof | base64_hex > "$t/path"
  grep -qv '^[0-9a-f]\{64\}$' "$t/path" && fail 'a line of the path is no hash'
  octal < "$t/path" > "$t/octal"
  climb "$({ printf '\000'; cat item.json; } | sha256sum | octal)" "$number" $((count - 1)) "$t/octal"
  { [ "$sn" -eq 0 ] && [ "$(printf %b "$r" | hex)" = "$itemsRoot" ]; } || fail "the path does not lead from the item to the batch's root"
  echo "item.json $(get "$t/item" /digests/sha-256)" >> "$t/items"
  say "item $number of the batch: sha256 $(get "$t/item" /digests/sha-256)"
fi
sed -n 's,^original/,,p' "$t/listed" > "$t/originals"
while read -r item; do
  grep -qx "$item $(sha < "original/$item")" "$t/items" || fail "original/$item is not item $item of the manifest"
  say "original/$item is item $item: sha256 $(sha < "original/$item")"
done < "$t/originals"
for file; do
  [ -f "$file" ] || fail "there is no file $file"
  sum=$(sha < "$file")
  item=$(sed -n "s/ $sum\$//p" "$t/items" | head -n 1)
  [ -n "$item" ] || fail "$file is not what was deposited: its sha256 $sum is not in the manifest"
  say "$file is item $item: sha256 $sum"
done
if [ $# -eq 0 ] && [ ! -s "$t/originals" ]; then
  while read -r item sum; do say "item $item: sha256 $sum"; done < "$t/items"
  later "the original: no file was given (sh VERIFY.txt ../my-file)"
fi

begin 4 'The manifest is a leaf of the log (RFC 9162 section 2.1.3.2)'
[ "$(tail -c 1 checkpoint | hex)" = 0a ] || fail 'the checkpoint is cut'
awk 'NR < 4 ? $0 == "" : NR == 4 ? $0 != "" : $0 !~ /^\342\200\224 [^ +]+ [A-Za-z0-9+\/=]+$/ { exit 1 } END { exit NR < 5 }' checkpoint \
  || fail 'the checkpoint is not three lines, a blank one and signatures'
size=$(sed -n 2p checkpoint) index=$(sed -n '2s/^index //p' inclusion.tlog-proof)
for number in "$size" "$index"; do
  printf '%s\n' "$number" | grep -qx '0\|[1-9][0-9]\{0,15\}' || fail 'the size of the log or the index is no number'
done
[ "$(head -n 1 inclusion.tlog-proof)" = c2sp.org/tlog-proof@v1 ] || fail 'inclusion.tlog-proof is of another format'
[ "$index" -lt "$size" ] || fail "index $index is not within $size entries"
sed '1,2d;/^$/,$d' inclusion.tlog-proof | base64_hex > "$t/path"
grep -qv '^[0-9a-f]\{64\}$' "$t/path" && fail 'a line of the path is no hash'
octal < "$t/path" > "$t/octal"
climb "$(printf %b "\0000$(printf '%s\n' "$m" | octal)" | sha256sum | octal)" "$index" $((size - 1)) "$t/octal"
r=$(printf %b "$r" | hex)
root=$(sed -n 3p checkpoint | base64_hex)
{ [ "$sn" -eq 0 ] && [ "$r" = "$root" ]; } || fail "the path does not lead from the manifest to the checkpoint's root"
sed '1,/^$/d' inclusion.tlog-proof | cmp -s - checkpoint || fail 'the proof is for another checkpoint'
say "entry $index of $size, root $r"

begin 5 'The log signed that tree (C2SP signed-note, ECDSA P-256)'
same 'origin of the log in trust.json and checkpoint' "$origin" "$(head -n 1 checkpoint)"
head -n 3 checkpoint > "$t/body"
keyid=$(sha < "$t/spki" | cut -c 1-8) signed=0
awk -v name="$origin" 'NR > 4 && $2 == name { print $3 }' checkpoint | base64_hex > "$t/lines"
while read -r line; do # witnesses have other names or key ids; all lines under the log's own must hold
  case $line in "$keyid"*) ;; *) continue ;; esac
  unhex "${line#"$keyid"}" > "$t/ecdsa"
  openssl dgst -sha256 -verify trust/log.pem -signature "$t/ecdsa" "$t/body" > /dev/null 2>&1 || fail "the signature of $origin does not hold"
  signed=1
done < "$t/lines"
[ "$signed" = 1 ] || fail "no signature by the key of the log $origin"
say "signed by $origin, key id $keyid"

begin 6 'The time-stamp authorities (RFC 3161), each under its own root, as of its own time'
: > "$t/times"
while read -r name rest; do
  for over in checkpoint manifest; do
    token=tokens/$over-$name.tsr data=$over
    has "$token" || fail "$token is missing: each authority stamps each checkpoint and each manifest"
    [ "$over" = checkpoint ] || data=manifest.json
    timed "$token" 1/1/0/2/1/0/0 1
    holds "$token" "$data" "$name" '' "$token"
    sha < "$t/token" >> "$t/tokens"
    echo "$name $over $time $serial $at $policy $certificate" >> "$t/times"
  done
done < "$t/authorities"
[ "$(wc -l < "$t/times")" -eq "$(grep -c '^tokens/' "$t/listed")" ] || fail 'a token is of an authority that trust.json does not name'

begin 7 'The anchor names this tree'
flat anchor.json 1 > "$t/anchor"
shaped "$t/anchor" anchor.json << 'END'
/format "notary-anchor/1"
/chainId [0-9]+
/contract 0xhex40
/size [0-9]+
/root hex64
/transactionHash 0xhex64
/transaction "0x[0-9a-f]+"
/block [0-9]+
/blockHash 0xhex64
/blockTime "....-..-..T..:..:..Z"
/header "0x[0-9a-f]+"
/transactionIndex [0-9]+
/transactionProof/[0-9]+ "0x[0-9a-f]+"
/receiptProof/[0-9]+ "0x[0-9a-f]+"
/logIndex [0-9]+
END
same 'sizes in checkpoint and anchor.json' "$size" "$(get "$t/anchor" /size)"
same 'roots in checkpoint and anchor.json' "$r" "$(get "$t/anchor" /root)"
same 'chains in trust.json and anchor.json' "$chain" "$(get "$t/anchor" /chainId)"
same 'contracts in trust.json and anchor.json' "$contract" "$(get "$t/anchor" /contract)"
block=$(get "$t/anchor" /block) blockTime=$(get "$t/anchor" /blockTime) blockHash=$(get "$t/anchor" /blockHash)
transaction=$(get "$t/anchor" /transactionHash)
blockAt=$(seconds "$blockTime")
# The header is an RLP list whose items 8 and 11 are number and time. Its hash is Keccak-256, which these tools lack.
get "$t/anchor" /header | sed 's/^0x//' | awk "$lib"'
  function item(at) { n = byte(at); from = at + 1; len = 0
    if (n < 128) { from = at; len = 1 } else if (n < 184) len = n - 128
    else if (n < 192) { k = n - 183; while (k-- > 0) len = 256 * len + byte(from++) } else if (n < 248) len = n - 192
    else { k = n - 247; while (k-- > 0) len = 256 * len + byte(from++) } }
  { load($0); item(0); at = from
    for (i = 0; i < 12; i++) {
      item(at); v = 0
      if (i == 8 || i == 11) { for (j = 0; j < len; j++) v = 256 * v + byte(from + j); printf "%.0f\n", v }
      at = from + len
    } }' > "$t/header"
same 'block and its header' "$block" "$(sed -n 1p "$t/header")"
same 'time of the block and its header' "$blockAt" "$(sed -n 2p "$t/header")"
topic=70878238987665fce2e1dd4700d75f27ab37f288b340423549c1cf3998e05500 # keccak256("Anchored(uint64,bytes32,address)")
word=$(printf '%064x' "$size")
grep '^/receiptProof/' "$t/anchor" | tail -n 1 | grep -q "94${contract#0x}f842a0${topic}a0${word}b840${r}000000000000000000000000" \
  || fail 'the receipt has no event of this contract with this size and root'
sed -n 's,^/chain/senders/[0-9]*	"0x\(.*\)"$,\1,p' "$t/trust" > "$t/senders"
sender=$(grep '^/receiptProof/' "$t/anchor" | tail -n 1 | sed "s/.*${word}b840${r}0\{24\}\([0-9a-f]\{40\}\).*/\1/")
[ ! -s "$t/senders" ] || grep -qx "$sender" "$t/senders" || fail "0x$sender is no account that trust.json lets anchor"
grep '^/transactionProof/' "$t/anchor" | tail -n 1 | grep -q "$(get "$t/anchor" /transaction | cut -c 3-)\"\$" \
  || fail 'the proof of the transaction does not hold the transaction'
say "block $block of $blockTime, hash $blockHash, transaction $transaction"

begin 8 'The letter is signed, whole, and states these facts (PAdES)'
tr '\000' ' ' < letter.pdf | awk '{ s = $0
    while (match(s, /\/ByteRange *\[/)) { s = substr(s, RSTART + RLENGTH); if (++n > 2) exit 1; range[n] = substr(s, 1, index(s, "]") - 1) } }
  END { if (n < 1 || n > 2) exit 1
    for (k = 1; k <= n; k++) { split(range[k], v, " "); for (i = 1; i < 5; i++) sub(/^0+/, "", v[i]); print v[1] + 0, v[2] + 0, v[3] + 0, v[4] + 0 } }' \
  > "$t/ranges" || fail 'the letter has not exactly one signature, and at most one archive'
read -r zero before after rest < "$t/ranges"
first=$((after + rest)) whole=$(wc -c < letter.pdf) archived=
[ "$(wc -l < "$t/ranges")" -eq 1 ] || archived=1
{ [ "$zero" -eq 0 ] && [ "$before" -lt "$after" ] && [ "$first" -le "$whole" ] && { [ "$archived" ] || [ "$first" -eq "$whole" ]; }; } \
  || fail 'the signature does not cover the whole file'
head -c "$first" letter.pdf > "$t/first.pdf" # what was signed; what an archive adds is looked at below
tr '\000' ' ' < "$t/first.pdf" > "$t/pdf"
between letter.pdf "$before" $((after - before)) > "$t/contents"
[ "$(tr -d '0-9a-f' < "$t/contents")" = '<>' ] || fail 'what the signature does not cover is more than the signature'
{ between letter.pdf 0 "$before"; between letter.pdf "$after" "$rest"; } > "$t/letter"
unhex "$(tr -d '<>' < "$t/contents")" > "$t/cms"

# The time-stamp over the signature's value: an unsigned attribute of the only signer (RFC 5126 section 6.1.1).
der "$t/cms" 1/0/-/1 1/0/-/0/5 > "$t/places"
[ "$(head -n 1 "$t/places")" = none ] || fail 'the letter has more than one signer'
unhex "$(sed -n '2s/.* //p' "$t/places")" > "$t/value"
attributes=$(for i in 0 1 2 3 4 5 6 7; do echo "1/0/-/0/6/$i/0 1/0/-/0/6/$i/1/0"; done)
# shellcheck disable=SC2086 # paths
der "$t/cms" $attributes | sed -n '/ 2a864886f70d010910020e$/{n;p;}' > "$t/place"
[ "$(wc -l < "$t/place")" -eq 1 ] || fail "the letter's signature has not exactly one time-stamp"
read -r start length rest < "$t/place"
between "$t/cms" "$start" "$length" > "$t/stamp"
timed "$t/stamp" 1/0/2/1/0/0 .
by=
while read -r name rest; do
  if openssl ts -verify -token_in -attime "$at" -in "$t/stamp" -data "$t/value" -CAfile "trust/tsa-$name.pem" > /dev/null 2>&1; then by=$name; break; fi
done < "$t/authorities"
[ -n "$by" ] || fail "the time-stamp of the letter's signature is not over it, or of no authority that trust.json names"
holds "$t/stamp" "$t/value" "$by" -token_in "the letter's signature"
letterTime=$time letterAt=$at

openssl cms -verify -cades -inform DER -in "$t/cms" -binary -content "$t/letter" -out /dev/null -CAfile trust/letters.pem -no-CApath -no-CAstore \
  -purpose any -attime "$letterAt" -signer "$t/signer" > "$t/out" 2>&1 || fail "the letter's signature does not hold: $(tail -n 1 "$t/out")"
named "$t/cms" "$t/signer" "the letter's signature"
remember "$t/cms" "$letterAt" "the letter's signature"
# What the certificate is for, and that no part of its subject has two values: extensions of RFC 5280 section 4.2.1 by OID, since names of
# purposes differ between versions of openssl. One for documents is needed where purposes are named: mail, RFC 9336, Microsoft's, Adobe's, any.
paths=$(i=0; while [ $i -lt 20 ]; do echo "0/-/0/$i/0 0/-/0/$i/-"; i=$((i + 1)); done)
# shellcheck disable=SC2086 # paths
der "$t/der" $paths 0/-/0/20 0/-/0/20 | awk '
  NR % 2 { oid = $3; if (NR > 40 && $0 != "none") many = 1; next }
  oid == "551d0f" { usages++; if (substr($3, 7, 1) !~ /[4-9a-f]/) bad = 1 }
  oid == "551d13" && $3 ~ /^30..0101ff/ { bad = 1 }
  oid == "551d25" && $3 !~ /06082b060105050703(04|24)|060a2b0601040182370a030c|06092a864886f72f010105|0604551d2500/ { bad = 1 }
  END { exit bad || many || usages != 1 }' || fail "the signer's certificate is not for signing letters"
paths=$(i=0; while [ $i -lt 16 ]; do echo "0/5/$i/1"; i=$((i + 1)); done)
# shellcheck disable=SC2086 # paths
if der "$t/der" $paths 0/5/16 | grep -qv none; then fail "the signer's name has parts of several values, or too many"; fi
say "letter signed no later than $letterTime by $(who "$t/signer")"
openssl x509 -in "$t/signer" -noout -subject -nameopt multiline,utf8,-esc_msb > "$t/subject"
for part in commonName organization; do
  name=$part
  [ $part = commonName ] || name=organizationName
  wanted=$(get "$t/trust" "/letters/signer/$part" | sed 's/\\\(["\\]\)/\1/g')
  case $wanted in
    '') [ $part = organization ] \
      || later 'that this signer is the office: trust.json names none, so whoever has a certificate under its letter roots passes' ;;
    *) [ "$wanted" != null ] || wanted=
      [ "$(sed -n "s/^ *$name *= //p" "$t/subject")" = "$wanted" ] \
        || fail "the letter is not signed by ${wanted:-somebody of no organisation}, whom trust.json names" ;;
  esac
done
if command -v pdfsig > /dev/null; then
  pdfsig -nocert "$t/first.pdf" > "$t/pdfsig" 2>&1 || :
  { grep -q 'Signature is Valid' "$t/pdfsig" && grep -q 'Total document signed' "$t/pdfsig"; } \
    || fail 'pdfsig does not say that the signature is valid and of the whole document'
  say 'pdfsig says: signature is valid, total document signed'
else
  say 'pdfsig is not here: no second opinion about the signature'
fi

# facts.json is stored as it is: after the line "stream", as many bytes as its /Length says.
awk '{ pos += length($0) + 1 }
  facts == 1 { if ($0 != "stream") exit 1; start = pos; facts = 2; next }
  /\/Type *\/EmbeddedFile([^s]|$)/ {
    if (facts || !match($0, /\/Length [0-9]+ *>>$/)) exit 1
    facts = 1; split(substr($0, RSTART), v, " "); size = v[2] + 0
  }
  END { if (facts != 2) exit 1; print start, size }' "$t/pdf" > "$t/place" || fail 'the letter has not exactly one attached file, stored as it is'
read -r start length < "$t/place"
between letter.pdf "$start" "$length" > "$t/facts.json"
if command -v pdfdetach > /dev/null; then
  pdfdetach -save 1 -o "$t/detached" letter.pdf > /dev/null 2>&1 || fail 'pdfdetach finds no file attached to the letter'
  cmp -s "$t/detached" "$t/facts.json" || fail 'pdfdetach finds other facts in the letter'
else
  later "that a viewer shows the same attachment (pdfdetach is not here)"
fi
flat "$t/facts.json" 1 > "$t/facts"
# What version 2 adds to version 1: the office's own statements, its short name, and who the authorities are.
case $(get "$t/facts" /format) in
  notary-letter/1) added='' fields=1-4 names='zh en' ;;
  notary-letter/2) added=2 fields=1-4,6-7 names='zh en shortName' ;;
  *) fail 'the facts of the letter are of another format' ;;
esac
needs "$t/facts" facts.json /depositorName /office/zh /office/en
cp "$t/facts" "$t/older"
if [ -n "$added" ]; then
  of="^/\(office/\(shortName\|address\|operator\)\|chain/\(name\|operator\)\|times/[0-9]*/\(legalName\|policy\|certificate\)\)$tab\""
  [ "$(grep -c "$of" "$t/facts")" -eq $((5 + 3 * $(wc -l < "$t/times"))) ] || fail 'the letter does not say who stands behind it'
  grep -v "$of" "$t/facts" > "$t/older"
fi
{
  grep "^/\(id\|depositor\|kind\|items\|notes\|test\)[/$tab]" "$t/manifest"
  printf '/receivedAt\t"%s"\n' "$(trimmed "$received")"
  printf '/%s\t%s\n' manifestDigest "\"$m\"" log/origin "\"$origin\"" log/index "$index" log/size "$size" log/root "\"$r\"" \
    chain/chainId "$chain" chain/contract "\"$contract\"" chain/transaction "\"$transaction\"" chain/block "$block" \
    chain/blockHash "\"$blockHash\"" chain/blockTime "\"$(trimmed "$blockTime")\""
} | sort > "$t/proved"
grep "^/\(id\|depositor\|receivedAt\|kind\|items\|notes\|test\|manifestDigest\|log\|chain\)[/$tab]" "$t/older" | sort > "$t/stated"
cmp -s "$t/proved" "$t/stated" || fail "the letter is genuine, but states what the evidence does not: $( {
  grep -Fvx -f "$t/proved" "$t/stated"; grep -Fvx -f "$t/stated" "$t/proved"; } | head -n 1 | cut -c 1-200)"
awk -F '\t' '/^\/times\// { split($1, p, "/"); gsub(/"/, "", $2); v[p[3], p[4]] = $2; if (p[3] + 1 > n) n = p[3] + 1 }
  END { for (i = 0; i < n; i++) print v[i, "authority"], v[i, "over"], v[i, "genTime"], v[i, "serial"], "", v[i, "policy"], v[i, "certificate"] }' \
  "$t/facts" | cut -d ' ' -f "$fields" | sort > "$t/stated"
cut -d ' ' -f "$fields" "$t/times" | sort > "$t/proved"
cmp -s "$t/proved" "$t/stated" || fail 'the times in the letter are not those of the tokens'
if [ -n "$added" ]; then # each authority has one name, that of trust.json where it has one
  awk -F '\t' '/^\/times\/[0-9]*\/authority\t/ { name = $2 } /^\/times\/[0-9]*\/legalName\t/ { print name "\t" $2 }' "$t/facts" | sort -u > "$t/stated"
  awk -F '\t' '/^\/authorities\/[0-9]*\/legalName\t/ { legal = $2 } /^\/authorities\/[0-9]*\/name\t/ { print $2 "\t" legal }' "$t/trust" | sort > "$t/proved"
  [ $parts -eq 4 ] && columns=1,2 || columns=1
  cut -f "$columns" "$t/proved" > "$t/known"
  cut -f "$columns" "$t/stated" | cmp -s - "$t/known" || fail 'the letter calls an authority by another name than trust.json, or by two'
fi
for office in $names; do
  wanted=$(get "$t/trust" "/letters/office/$office")
  case $wanted in '' | null) ;; *) same 'offices in letter and trust.json' "$(get "$t/facts" "/office/$office")" "$wanted" ;; esac
done
sed -e "/^\/\(id\|depositor\|receivedAt\|kind\|items\|notes\|test\|manifestDigest\|log\|chain\)[/$tab]/d" -e "/^\/office\/\(zh\|en\)$tab/d" \
  -e "/^\/\(format\|number\|depositorName\|verifyUrl\|issuedAt\)$tab/d" -e "/^\/times\/[0-9]*\/\(authority\|over\|genTime\|serial\)$tab/d" \
  "$t/older" > "$t/unknown"
[ ! -s "$t/unknown" ] || fail "the letter states what its format does not have: $(head -n 1 "$t/unknown")"
year=${received%%-*} # as the office's clock has it, at UTC+08:00
case $received in *-12-31T1[6-9]* | *-12-31T2*) year=$((year + 1)) ;; esac
number=$(get "$t/facts" /number)
if [ -n "$added" ]; then
  same 'numbers in letter and evidence' "$number" "〔$year〕$(get "$t/facts" /office/shortName)电存字第$((index + 1))号"
else
  same 'numbers in letter and evidence' "$number" "($year) 电存字第 $(printf %08d $((index + 1))) 号"
fi
case $(get "$t/facts" /verifyUrl) in
  "http://"?*"/verify/$m?index=$index" | "https://"?*"/verify/$m?index=$index") ;;
  *) fail 'the address for verification in the letter is not that of this deposit' ;;
esac
issued=$(get "$t/facts" /issuedAt)
issuedAt=$(seconds "$issued")
same 'spellings of the time of issue' "$issued" "$(trimmed "$issued")"
say "letter $number of $(get "$t/facts" /office/zh), to $(get "$t/facts" /depositorName)"
[ -z "$added" ] || say "stated by the office: address $(get "$t/facts" /office/address), platform of $(get "$t/facts" /office/operator), chain $(
  get "$t/facts" /chain/name) of $(get "$t/facts" /chain/operator); authorities$(cut -f 2 "$t/stated" | sed 's/^/ /' | tr '\n' ';')"

# An archive (PAdES B-LTA): a second revision that is derived from the first and from what it adds, so that it can change nothing. It is written
# again here and compared: the catalog with a store and a field more, the store, its certificates and lists, the field, the time-stamp.
archiveAt=$letterAt
put() { printf '%s\n' "$@" >> "$t/expected"; }
object() { echo "$1 $((first + $(wc -c < "$t/expected")))" >> "$t/offsets"; put "$1 0 obj"; }
references() { i=0 out=; while [ "$i" -lt "$2" ]; do out="$out$(($1 + i)) 0 R "; i=$((i + 1)); done; printf %s "${out% }"; }
if [ "$archived" ]; then
  tail -c +$((first + 1)) letter.pdf > "$t/update"
  : > "$t/expected"
  : > "$t/offsets"
  tr '\000' ' ' < "$t/update" > "$t/text"
  next=$(awk 'found { sub(/^<< \/Size /, ""); sub(/ .*/, ""); print; exit } $0 == "trailer" { found = 1 }' "$t/pdf")
  catalog=$(awk '/^<< \/Type \/Catalog / { n++; print was } { was = $0 } END { exit n != 1 }' "$t/pdf") || fail 'the letter has not exactly one catalog'
  store=$(awk '/^<< \/Type \/DSS / { print; exit }' "$t/text")
  certificates=$(printf %s "$store" | sed 's,.* /Certs \[\([^]]*\)\].*,\1,' | tr -cd R | wc -c)
  lists=$(printf %s "$store" | sed 's,.* /CRLs \[\([^]]*\)\].*,\1,' | tr -cd R | wc -c)
  stamped=$(printf %s "$store" | sed -n 's,.* /XXTokens \[\([^]]*\)\] >>$,\1,p')
  object "${catalog%% *}"
  put "$(awk '/^<< \/Type \/Catalog /' "$t/pdf" \
    | sed "s, /Fields \[\([^]]*\)\], /Fields [\1 $((next + 1)) 0 R],; s, >>\$, /DSS $next 0 R >>,")" endobj
  object "$next"
  put "<< /Type /DSS /Certs [$(references $((next + 3)) "$certificates")] /CRLs [$(references $((next + 3 + certificates)) "$lists")]\
 /XXTokens [$stamped] >>" endobj
  part=0
  while [ "$part" -lt $((certificates + lists)) ] && [ "$part" -lt 128 ]; do
    object $((next + 3 + part))
    at=$(wc -c < "$t/expected")
    length=$(between "$t/text" "$at" 30 | sed -n '1s,^<< /Length \([0-9]*\) >>$,\1,p')
    put "<< /Length ${length:=0} >>" stream
    between "$t/update" "$(wc -c < "$t/expected")" "$length" > "$t/part-$part"
    cat "$t/part-$part" >> "$t/expected"
    put '' endstream endobj
    part=$((part + 1))
  done
  object $((next + 1))
  put "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Timestamp1) /F 132 /Rect [0 0 0 0] /V $((next + 2)) 0 R >>" endobj
  object $((next + 2))
  printf '<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange [' >> "$t/expected"
  before=$((first + $(wc -c < "$t/expected") + 43 + 12)) after=$((before + 24578)) # four numbers of ten digits, and 12288 bytes as digits
  { [ "$after" -lt "$whole" ] && [ "$(sed -n 2p "$t/ranges")" = "0 $before $after $((whole - after))" ]; } \
    || fail 'the document time-stamp does not cover the whole file'
  printf '0000000000 %010d %010d %010d] /Contents ' "$before" "$after" $((whole - after)) >> "$t/expected"
  between letter.pdf "$before" 24578 > "$t/contents"
  cat "$t/contents" >> "$t/expected"
  put ' >>' endobj
  at=$((first + $(wc -c < "$t/expected")))
  put xref '0 1' '0000000000 65535 f ' "${catalog%% *} 1"
  awk '{ printf "%010d 00000 n \n", $2; exit }' "$t/offsets" >> "$t/expected"
  put "$next $((3 + part))"
  sed 1d "$t/offsets" | sort -n | awk '{ printf "%010d 00000 n \n", $2 }' >> "$t/expected"
  awk -v size="$((next + 3 + part))" -v way="$(tail -n 2 "$t/first.pdf" | head -n 1)" -v at="$at" '
    found {
      sub(/^<< \/Size [0-9]+/, "<< /Size " size); sub(/ >>$/, " /Prev " way " >>")
      print "trailer"; print; print "startxref"; print at; print "%%EOF"; exit
    }
    $0 == "trailer" { found = 1 }' "$t/pdf" >> "$t/expected"
  cmp -s "$t/expected" "$t/update" || fail 'after the signed letter comes more than its archive'

  [ "$(tr -d '0-9a-f' < "$t/contents")" = '<>' ] || fail 'what the document time-stamp does not cover is more than itself'
  unhex "$(tr -d '<>' < "$t/contents")" > "$t/long"
  der "$t/long" . > "$t/place"
  read -r start length rest < "$t/place"
  [ "$start" = 0 ] || fail 'there is no document time-stamp'
  between "$t/long" 0 "$length" > "$t/stamp"
  [ -z "$(tail -c +$((length + 1)) "$t/long" | tr -d '\000')" ] || fail 'something follows the document time-stamp'
  { between letter.pdf 0 "$before"; between letter.pdf "$after" $((whole - after)); } > "$t/covered"
  timed "$t/stamp" 1/0/2/1/0/0 .
  by=
  while read -r name rest; do
    if openssl ts -verify -token_in -attime "$at" -in "$t/stamp" -data "$t/covered" -CAfile "trust/tsa-$name.pem" > /dev/null 2>&1; then by=$name; break; fi
  done < "$t/authorities"
  [ -n "$by" ] || fail "the document time-stamp is not over the file, or of no authority that trust.json names"
  holds "$t/stamp" "$t/covered" "$by" -token_in "the letter's archive"
  archiveAt=$at
  no_later "time of the letter's signature" "$letterAt" "the letter's archive" "$archiveAt"
  for digest in $stamped; do
    digest=${digest#<}
    grep -qx "${digest%>}" "$t/tokens" || fail "the letter's archive has a token that is not in the bundle"
  done

  # What it carries belongs to those whose certificates were seen above; who was revoked, and when.
  cat trust/*.pem | sed '/PUBLIC KEY-----$/,/PUBLIC KEY-----$/d' >> "$t/certificates"
  awk -v to="$t/cert-" '
    /^-----BEGIN/ { block = ""; on = 1 }
    on { block = block $0 "\n" }
    /^-----END/ { if (on && !seen[block]++) { n++; printf "%s", block > (to n); close(to n) } on = 0 }' "$t/certificates"
  for file in "$t"/cert-*; do openssl x509 -in "$file" -outform DER | sha; done > "$t/known-certificates"
  i=0
  while [ "$i" -lt "$part" ]; do
    if [ "$i" -lt "$certificates" ]; then
      grep -qx "$(sha < "$t/part-$i")" "$t/known-certificates" || fail "the letter's archive has a certificate of nobody in this evidence"
    else
      openssl crl -inform DER -in "$t/part-$i" -CAfile "$t/certificates" -noout 2>&1 | grep -q 'verify OK' \
        || fail "the letter's archive has a revocation list of nobody in this evidence"
      openssl crl -inform DER -in "$t/part-$i" -noout -hash -lastupdate -nextupdate -text > "$t/list"
      say "revocation list of $(sed -n 's/^ *Issuer: //p' "$t/list" | head -n 1), of $(sed -n 's/^lastUpdate=//p' "$t/list")"
      issuer=$(sed -n 's/^issuer name hash=//p' "$t/list")
      awk -v months='JanFebMarAprMayJunJulAugSepOctNovDec' "$lib"'
        /^ *Serial Number: / { serial = $3 }
        /^ *Revocation Date: / { split($5, h, ":")
          printf "%s %.0f\n", serial, seconds(sprintf("%04d-%02d-%02dT%sZ", $6, (index(months, $3) + 2) / 3, $4, $5)) }' "$t/list" > "$t/revoked"
      grep "^$issuer " "$t/signers" > "$t/whose" || :
      while read -r rest serial at what; do
        since=$(sed -n "s/^$serial //p" "$t/revoked" | head -n 1)
        [ -z "$since" ] || [ "$since" -gt "$at" ] || fail "$what: its certificate was revoked before"
        [ -z "$since" ] || later "$what: its certificate was revoked later; notary verify says whether that matters"
      done < "$t/whose"
    fi
    i=$((i + 1))
  done
  later "revocation after the letter's archive: newer lists, which notary verify --crl takes; and whether each list is good for its time"
else
  later "revocation of the certificates: the letter is not archived; ask the authorities and the letter's issuer"
fi

begin 9 'Things happened in their order, clocks differing by 120 seconds at most'
now=$(date +%s) least=$receivedAt most=0
no_later 'time of receipt' "$receivedAt" "this machine's clock" "$now"
no_later 'time of the block' "$blockAt" "the letter's time of issue" "$issuedAt"
no_later "the letter's time of issue" "$issuedAt" "time of the letter's signature" "$letterAt"
no_later 'time of the block' "$blockAt" "time of the letter's signature" "$letterAt"
no_later 'time of the block' "$blockAt" "this machine's clock" "$now"
no_later "time of the letter's signature" "$letterAt" "this machine's clock" "$now"
no_later "the letter's archive" "$archiveAt" "this machine's clock" "$now"
while read -r name over time serial at rest; do
  what="$name's time of the $over"
  no_later 'time of receipt' "$receivedAt" "$what" "$at"
  no_later "$what" "$at" "time of the letter's signature" "$letterAt"
  no_later "$what" "$at" "this machine's clock" "$now"
  [ "$over" = checkpoint ] || continue
  no_later "$what" "$at" 'time of the block' "$blockAt"
  [ "$at" -ge "$least" ] || least=$at
  [ "$at" -le "$most" ] || most=$at
done < "$t/times"
[ $((most - least)) -le 604800 ] || fail 'the checkpoint was stamped more than 7 days after the receipt, or the authorities are as far apart'
head=$(get "$t/manifest" /notBefore/block)
if [ -n "$head" ]; then
  same 'chains that manifest and anchor name' "$(get "$t/manifest" /notBefore/chainId)" "$chain"
  [ "$head" -le "$block" ] || fail "the manifest names block $head as already there, and was anchored in block $block"
  [ "$head" -lt "$block" ] || same "hashes of block $block in manifest and anchor" "$(get "$t/manifest" /notBefore/hash)" "$blockHash"
fi
say "received $received, block $blockTime, letter $letterTime"

begin 10 'The tree is on the chain'
ending=VERIFIED
except() {
  say "not judged: $1"
  later "that chain $chain has block $block, and with it the header, receipt and transaction in anchor.json, and the block that the manifest names"
  ending="VERIFIED EXCEPT THE CHAIN: $1"
}
ask() { # method, parameters
  [ "$ending" = VERIFIED ] || return 0
  if curl -sS --fail --max-time 60 -H 'Content-Type: application/json' \
    -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":$2}" "$RPC" > "$t/reply" 2> "$t/out"
  then
    { (flat "$t/reply" 0) 3> /dev/null > "$t/answer" && grep -q "^/result[/$tab]" "$t/answer"; } || { rm -f "$t/said"; except "the node at $RPC refused $1"; }
  else except "the node at $RPC did not answer ($(tail -n 1 "$t/out"))"
  fi
}
answers() { # pointer, expected, what it is
  [ "$ending" = VERIFIED ] || return 0
  answer=$(get "$t/answer" "$1" | tr A-F a-f)
  [ "$answer" = "$2" ] || fail "the node says another $3 than $2: $(printf %s "$answer" | cut -c 1-80)"
}
if [ -z "${RPC:-}" ]; then
  except "no node was asked; set RPC to a node of chain $chain that you trust and run again"
elif ! command -v curl > /dev/null; then
  except 'curl is not here'
else
  number=$(printf '0x%x' "$block")
  ask eth_chainId '[]'
  answers /result "$(printf '0x%x' "$chain")" 'chain id'
  ask eth_getBlockByNumber "[\"$number\",false]"
  answers /result/hash "$blockHash" "hash of block $block"
  answers /result/timestamp "$(printf '0x%x' "$blockAt")" "time of block $block"
  ask eth_getTransactionReceipt "[\"$transaction\"]"
  event=/result/logs/$(get "$t/anchor" /logIndex)
  answers /result/transactionHash "$transaction" transaction
  answers /result/blockHash "$blockHash" "block of the transaction"
  answers /result/status 0x1 'status of the transaction'
  answers "$event/address" "$contract" 'contract of the event'
  answers "$event/topics/0" "0x$topic" 'topic of the event'
  answers "$event/topics/1" "0x$word" 'size in the event'
  answers "$event/data" "0x${r}000000000000000000000000$sender" 'root and sender in the event'
  [ "$(get "$t/answer" /result/to | tr A-F a-f)" != "$contract" ] || answers /result/from "0x$sender" 'signer of the transaction'
  ask eth_call "[{\"to\":\"$contract\",\"data\":\"0x9d7384d9$word\"},\"latest\"]" # rootOf(uint64)
  answers /result "0x$r" 'root recorded for this size'
  if [ -n "$head" ]; then
    ask eth_getBlockByNumber "[\"$(printf '0x%x' "$head")\",false]"
    [ "$ending" != VERIFIED ] || [ "$(get "$t/answer" /result)" != null ] || except "the node does not tell block $head, which the manifest names"
    answers /result/hash "$(get "$t/manifest" /notBefore/hash)" "hash of block $head, which the manifest names"
  fi
  ask eth_blockNumber '[]'
  [ "$ending" != VERIFIED ] || say "the node has block $block with the event, sent by 0x$sender; its head is $(printf %d "$(get "$t/answer" /result)")"
fi

echo 'Not judged:'
[ ! -e "$t/unjudged" ] || cat "$t/unjudged"
cat << 'END'
 - the hashes, trie proofs and signature in anchor.json (Keccak-256 is not among these tools): a node says it, or notary verify
 - the pages of the letter against the facts in it: read them beside what is printed above
 - who the depositor is; the office's address, platform and chain, whom it names as their operators: its statements
 - names, types and notes, and whose site the address for verification is: claims, which the letter repeats
 - the layout of the zip; bounds on the lengths of texts, and whether they are Unicode
 - forms of letter, certificates and tokens that openssl takes and notary verify does not
END
echo 'A TEST DEPOSIT of a sandbox tenant: it proves nothing about anything real. 测试存证，不证明任何真实的事。'
printf '%s\n' "$ending"
[ "$ending" = VERIFIED ] || exit 3
exit 0

# MEMBERS
