namespace Notary.Cli;

/// <summary><c>notary verify BUNDLE</c>: the verdict ladder of one bundle, offline unless a node is named.</summary>
internal static class VerifyCommand
{
    /// <summary>How long a node may take for one question.</summary>
    private static readonly TimeSpan RpcTimeout = TimeSpan.FromSeconds(30);

    public static Command Build(Terminal terminal)
    {
        var bundle = new Argument<string>("BUNDLE") { Description = "The .evidence.zip file." };
        var original = new Option<string?>("--original") { Description = "The original file, to compare with what was deposited." };
        var trust = new Option<string?>("--trust") { Description = "Your own copy of the platform's trust file (GET /v1/trust), kept from before." };
        var trustBundle = new Option<bool>("--trust-bundle")
        { Description = "Accept that the bundle's own trust.json decides. Proves consistency, not origin." };
        var rpc = ServerOptions.Address("--rpc", "A node of the chain, to ask whether the anchor is on it.");
        var confirmations = ServerOptions.Number("--confirmations", "Blocks, the anchor's own among them, that the node must have.", least: 1, absent: 1);
        var crl = RevocationLists();
        var json = new Option<bool>("--json") { Description = "Print the report as one JSON object." };
        var command = new Command("verify", "Judges an evidence bundle rung by rung.") { bundle, original, trust, trustBundle, rpc, confirmations, crl, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var pinned = parsed.GetValue(trust) is { } file ? await ReadTrustAsync(file, cancel) : null;
            await using var zip = Terminal.Open(parsed.GetValue(bundle)!);
            if (!zip.CanSeek)
                throw new CliException($"{parsed.GetValue(bundle)} is a pipe; a bundle is read from its end, so store it first");

            await using var given = parsed.GetValue(original) is { } path ? Terminal.Open(path) : null;
            var lists = await ReadListsAsync(parsed.GetValue(crl), cancel);
            using var http = new HttpClient { Timeout = RpcTimeout };
            using var verifier = new BundleVerifier(pinned);
            var report = await verifier.VerifyAsync(zip,
                new BundleQuestion(given, parsed.GetValue(rpc), http, parsed.GetValue(confirmations), parsed.GetValue(trustBundle))
                { Lists = lists }, cancel);
            await (parsed.GetValue(json) ? ReportPrinter.JsonAsync(report, terminal.Output) : ReportPrinter.TextAsync(report, terminal.Output));
            if (report.OwnTrust)
                await terminal.Error.WriteLineAsync("notary: no --trust file was given: the bundle's own trust.json was used, which its maker chose");

            return (int)report.Outcome;
        });
        return command;
    }

    internal static async Task<TrustRoots> ReadTrustAsync(string path, CancellationToken cancel)
    {
        var bytes = await ReadAsync(path, TrustRoots.MaxBytes, "trust file", cancel);
        try
        {
            return TrustRoots.Parse(bytes.Span);
        }
        catch (FaultException e)
        {
            throw new CliException($"{path} is not a trust file: {e.Message}", e);
        }
    }

    internal static Option<string[]> RevocationLists()
        => new("--crl") { Description = "A revocation list (DER or PEM), newer than those in the bundle; may be given several times." };

    /// <summary>The reader's own lists, each with its name.</summary>
    internal static async Task<IReadOnlyList<(string Name, ReadOnlyMemory<byte> Der)>> ReadListsAsync(string[]? files, CancellationToken cancel)
    {
        var lists = new List<(string, ReadOnlyMemory<byte>)>();
        foreach (var list in files ?? [])
            lists.Add((list, await ReadListAsync(list, cancel)));

        return lists;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadListAsync(string path, CancellationToken cancel)
    {
        var bytes = await ReadAsync(path, 2 * RevocationList.MaxBytes, "revocation list", cancel); // PEM is longer by a third
        return PemEncoding.TryFindUtf8(bytes.Span, out var pem) ? Convert.FromBase64String(Encoding.ASCII.GetString(bytes.Span[pem.Base64Data])) : bytes;
    }

    internal static async Task<ReadOnlyMemory<byte>> ReadAsync(string path, int most, string what, CancellationToken cancel)
    {
        await using var file = Terminal.Open(path);
        var bytes = new byte[most + 1];
        var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        return length < bytes.Length ? bytes.AsMemory(0, length) : throw new CliException($"{path} is too large for a {what}");
    }
}
