namespace Notary.Verification;

public static partial class VerifyRecipe
{
    // Frozen: bundles with it are kept for decades. Nothing here changes but with the bytes that it gives, which a test holds.
    private static string Version1(RecipeSource source)
    {
        var (manifest, anchor, digests, originals) = source;
        var tokens = digests.Keys.Where(n => BundleMembers.TryToken(n, out _, out _)).Order(StringComparer.Ordinal).ToList();
        return string.Join('\n', [
            $"# notary-recipe/1: how to verify this evidence yourself; deposit {manifest.Id}",
            "#",
            "# Unpack the bundle, read this file, then run it in that folder:   sh VERIFY.txt",
            "# Needed: sh, coreutils, grep, sed, xxd, openssl 3. With RPC=https://a-node-of-the-chain also curl.",
            "# Every command that fails ends the run; the last line on success is: VERIFIED",
            "#",
            "# You must decide whose keys you trust. trust/*.pem and trust.json are the platform's own statement of its",
            "# roots: compare them with a copy that you got another way before you rely on anything below.",
            "# 如何自行验证：解压证据包，阅读本文件，然后在该目录运行 sh VERIFY.txt 。信任根须与另行取得的副本核对。",
            "set -eu",
            "t=$(mktemp -d); trap 'rm -rf \"$t\"' EXIT",
            "hash() { openssl dgst -sha256 -binary | xxd -p -c 64; }",
            "bytes() { printf %s \"$1\" | xxd -r -p; }",
            "unbase64() { printf '%s\\n' \"$1\" | openssl base64 -d -A; }",
            "",
            "echo '1. The members are those that this recipe was written for'",
            "sha256sum --check --quiet --strict - <<'END'",
            .. source.Sums(),
            "END",
            "",
            "echo '2. The manifest, and its digest'",
            "m=$(hash < manifest.json)",
            $"test \"$m\" = {digests[BundleMembers.Manifest]}",
            .. Originals(originals),
            "",
            "echo '3. The manifest is a leaf of the log (RFC 9162 section 2.1.3.2)'",
            "index=$(sed -n '2s/^index //p' inclusion.tlog-proof)",
            "size=$(sed -n 2p checkpoint)",
            "test \"$index\" -lt \"$size\"",
            "r=$({ printf '\\000'; bytes \"$m\"; } | hash)",
            "fn=$index; sn=$((size - 1))",
            "for line in $(sed '1,2d;/^$/,$d' inclusion.tlog-proof); do",
            "  p=$(unbase64 \"$line\" | xxd -p -c 64)",
            "  test \"$sn\" -gt 0",
            "  if [ $((fn % 2)) -eq 1 ] || [ \"$fn\" -eq \"$sn\" ]; then",
            "    r=$({ printf '\\001'; bytes \"$p$r\"; } | hash)",
            "    while [ $((fn % 2)) -eq 0 ] && [ \"$fn\" -gt 0 ]; do fn=$((fn / 2)); sn=$((sn / 2)); done",
            "  else",
            "    r=$({ printf '\\001'; bytes \"$r$p\"; } | hash)",
            "  fi",
            "  fn=$((fn / 2)); sn=$((sn / 2))",
            "done",
            "test \"$sn\" -eq 0",
            "test \"$r\" = \"$(unbase64 \"$(sed -n 3p checkpoint)\" | xxd -p -c 64)\"",
            "sed '1,/^$/d' inclusion.tlog-proof | cmp - checkpoint",
            "",
            "echo '4. The log signed that tree (C2SP signed-note, ECDSA P-256)'",
            "head -n 3 checkpoint > \"$t/body\"",
            "unbase64 \"$(sed -n '5s/^.* //p' checkpoint)\" | tail -c +5 > \"$t/signature\"",
            "openssl dgst -sha256 -verify trust/log.pem -signature \"$t/signature\" \"$t/body\"",
            "",
            "echo '5. The time-stamp authorities (RFC 3161), each under its own roots, as of its own time'",
            "stamped() { # token, data, roots",
            "  time=$(openssl ts -reply -in \"$1\" -text 2>/dev/null | sed -n 's/^Time stamp: //p')",
            "  at=$(date -u -d \"$(printf %s \"$time\" | sed 's/\\.[0-9]*//')\" +%s)",
            "  echo \"$1: $time\"",
            "  openssl ts -verify -attime \"$at\" -in \"$1\" -data \"$2\" -CAfile \"$3\" 2>/dev/null",
            "}",
            .. tokens.Select(Stamped),
            "",
            "echo '6. The letter is signed and whole (PAdES: the signature covers every byte but itself)'",
            "set -- $(grep -a -o '/ByteRange \\[[0-9 ]*\\]' letter.pdf | tr -cd '0-9 ' | sed 's/\\b0*\\([0-9]\\)/\\1/g')",
            "test $# -eq 4 && test \"$1\" -eq 0 && test $(($3 + $4)) -eq \"$(wc -c < letter.pdf)\"",
            "head -c \"$2\" letter.pdf > \"$t/letter\"; tail -c \"$4\" letter.pdf >> \"$t/letter\"",
            "head -c $(($3 - 1)) letter.pdf | tail -c +$(($2 + 2)) | xxd -r -p > \"$t/cms\"",
            "openssl cms -verify -inform DER -in \"$t/cms\" -binary -content \"$t/letter\" -out /dev/null \\",
            "  -CAfile trust/letters.pem -purpose any -attime \"$at\" 2>&1",
            "",
            "echo '7. The tree is on the chain'",
            .. Chain(anchor),
            "",
            "echo VERIFIED",
            ""]);
    }

    private static IEnumerable<string> Originals(IReadOnlyList<int> originals)
        => originals.Count == 0
            ? ["# The original is not in this bundle. If you have it:   grep -q \"$(sha256sum YOUR-FILE | cut -c 1-64)\" manifest.json && echo same"]
            : originals.Order().Select(i => $"grep -q \"\\\"sha-256\\\":\\\"$(hash < {BundleMembers.Original(i)})\\\"\" manifest.json");

    private static string Stamped(string member)
    {
        BundleMembers.TryToken(member, out var over, out var authority);
        return $"stamped {member} {(over == TokenOver.Manifest ? BundleMembers.Manifest : BundleMembers.Checkpoint)} {BundleMembers.Pem(authority)}";
    }

    private static IEnumerable<string> Chain(AnchorProof anchor)
    {
        string Quantity(long value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
        var call = "0x" + Convert.ToHexStringLower(AnchorContract.EncodeRootOf(anchor.Size));
        return [
            $"test \"$(sed -n 2p checkpoint)\" = {anchor.Size.ToString(CultureInfo.InvariantCulture)}",
            $"test \"$r\" = {anchor.Root}",
            "if [ -n \"${RPC:-}\" ]; then",
            "  ask() { curl -sS --fail -H 'Content-Type: application/json' "
                + "-d \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":1,\\\"method\\\":\\\"$1\\\",\\\"params\\\":$2}\" \"$RPC\" | tr -d ' \\n'; }",
            $"  ask eth_chainId '[]' | grep -q '\"result\":\"{Quantity(anchor.ChainId)}\"'",
            $"  ask eth_getBlockByNumber '[\"{Quantity(anchor.Block)}\",false]' | grep -q '\"hash\":\"{anchor.BlockHash}\"'",
            $"  ask eth_getTransactionReceipt '[\"{anchor.TransactionHash}\"]' > \"$t/receipt\"",
            $"  grep -q '\"blockHash\":\"{anchor.BlockHash}\"' \"$t/receipt\" "
                + $"&& grep -q '\"status\":\"0x1\"' \"$t/receipt\" && grep -qi '{anchor.Contract}' \"$t/receipt\"",
            $"  ask eth_call '[{{\"to\":\"{anchor.Contract}\",\"data\":\"{call}\"}},\"latest\"]' | grep -q '\"result\":\"0x{anchor.Root}\"'",
            "else",
            $"  echo '   not asked: set RPC to a node of chain {anchor.ChainId.ToString(CultureInfo.InvariantCulture)} and run again'",
            "fi",
        ];
    }
}
