using System.Diagnostics;
using Notary.Chain;
using Notary.Evidence.Ethereum;
using Notary.Keys;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary>The log's way from the earlier contract to the consortium's, by the commands, with a platform that anchors before, during and after.</summary>
[TestClass]
public sealed class TakeOverTests
{
    private const int Looks = 1200;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);
    private static readonly string Artifact = Path.Combine(Repository.Root, "functions", "Core", "Chain", "contracts", "ConsortiumAnchor.json");

    private readonly Dictionary<string, string> ids = [];
    private DirectoryInfo folder = null!;
    private Platform platform = null!;
    private ChainClient chain = null!;
    private string tenantKey = "";

    [TestMethod]
    public async Task Nothing_is_lost_or_doubled_and_what_was_anchored_stays_good()
    {
        folder = Directory.CreateTempSubdirectory("notary-take-over-");
        platform = await Platform.StartAsync(new PlatformOptions());
        try
        {
            await RunAsync();
        }
        finally
        {
            await platform.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    private async Task RunAsync()
    {
        var former = platform.Contract;
        using var http = new HttpClient();
        chain = new ChainClient(
            new ChainOptions { RpcUrls = [platform.Anvil.Url], ChainId = Platform.ChainId, Contract = former }, http, TimeProvider.System);
        var vault = await VaultSigner.OpenAsync(new KeyClient(platform.Vault.Url, new LoopbackCredential(platform.Vault.Token)), KeyNames.ChainSender);
        var office = ChainSigner.FromSpki(vault.PublicKeySpki, vault.SignAsync);

        // An administrator apart from the platform, who permitted somebody else as well.
        var (admin, guest) = (LocalConsortium.OpenAccount(At(""), "admin"), LocalConsortium.OpenAccount(At(""), "guest"));
        await CallAsync(office, former, "changeAdmin", admin.Address);
        await CallAsync(admin, former, "grant", guest.Address);
        var known = (await CallAsync(admin, former, "grant", office.Address)).Block;

        var app = await StartAsync(former, []);
        tenantKey = await app.CreateTenantAsync(platform.OperatorKey, "firm", "Firm");
        await DepositAsync(app, "before", wait: true);
        var consortium = new LocalConsortium(platform.Anvil, chain, At("members"), office);
        consortium.Contract = Address.Parse(await consortium.FoundAsync(admin, Options(former)));
        string[] by = ["--contract", consortium.Contract.ToString(), "--key", At("admin.account")];

        // The new contract is there and takes nothing; the platform goes on at the earlier one.
        var made = await DoAsync(["anchor", "--former", former, "--code", Artifact, .. by]);
        var next = made.Split("anchors at ")[1].Split(',')[0].ToLowerInvariant();
        await DepositAsync(app, "meanwhile", wait: true);
        Assert.Contains("is not EvidenceAnchor", await FailsAsync(2, ["anchor", "--former", next, "--code", Artifact, .. by]));
        Assert.Contains("can close", await FailsAsync(2, ["take-over", next, .. by[..3], At("guest.account")]));
        Assert.Contains("NotOpen", await FailsAsync(1, ["close", next, guest.Address.ToString(), .. by]));

        // Closed with a deposit under way, by whoever did not look back far enough for the guest.
        await DepositAsync(app, "under way", wait: false);
        string[] takeOver = ["take-over", next, "--from-block", $"{known}", .. by];
        var taken = await DoAsync(takeOver);
        Assert.Contains($"is closed to {office.Address}", taken);
        Assert.Contains("has taken over from", taken);
        Assert.Contains("had taken over from", await DoAsync(takeOver));
        await DepositAsync(app, "shut out", wait: false);
        Assert.Contains("does not permit this sender", await RefusalAsync(app));
        var refused = await AuditAsync(app);
        Assert.Contains(f => f.Code == "anchor-refused" && f.Reason.EndsWith("NotPermitted", StringComparison.Ordinal), refused.All, Lines(refused));
        await app.DisposeAsync();

        // The setting, and everything goes on.
        await using var again = await StartAsync(next, [former]);
        await DepositAsync(again, "under way", wait: true);
        await DepositAsync(again, "shut out", wait: true);
        await DepositAsync(again, "after", wait: true);
        var events = await EventsAsync(former, next);
        CollectionAssert.AllItemsAreUnique(events);
        CollectionAssert.AreEqual(events.Order().ToList(), events);
        Assert.HasCount(5, ids);
        var clean = await AuditAsync(again);
        Assert.AreEqual(0, clean.Total, Lines(clean));

        // Bundles of before and after, by today's trust file, by the one of its time, and with common tools alone.
        await File.WriteAllBytesAsync(At("trust.json"), await TrustAsync(again, ""));
        foreach (var name in ids.Keys)
            Assert.AreEqual(0, (await VerifyAsync(name, At("trust.json"))).Exit, name);

        await File.WriteAllBytesAsync(At("former.json"), await TrustAsync(again, $"?contract={former}"));
        Assert.AreEqual(0, (await VerifyAsync("before", At("former.json"))).Exit);
        Assert.Contains("anchor-wrong-chain", (await VerifyAsync("after", At("former.json"))).Output);
        await RecipeAsync("before", At("former.json"));
        await File.WriteAllBytesAsync(At("next.json"), await TrustAsync(again, $"?contract={next}"));
        await RecipeAsync("after", At("next.json"));

        // The browser's judge, which shares no code, says the same of both.
        var (both, old) = (BrowserCodes(At("trust.json")), BrowserCodes(At("former.json")));
        Assert.AreEqual(both[0], both[1]);
        Assert.AreEqual(both[0], old[0]);
        Assert.Contains("anchor-wrong-chain", old[1]);
        Assert.DoesNotContain("anchor-wrong-chain", both[1]);

        // The guest writes another root for the size that comes next where he still can: it stops nobody, is found, and anyone shuts him out.
        await CallAsync(guest, former, "anchor", events[^1] + 1, Digest.Of("another log"u8));
        await DepositAsync(again, "undisturbed", wait: true);
        var found = await AuditAsync(again);
        Assert.AreEqual("anchored-closed", string.Join(' ', found.All.Select(f => f.Code)), Lines(found));
        Assert.Contains("closed to", await DoAsync(["close", next, guest.Address.ToString(), .. by[..3], At("guest.account")]));
        await Assert.ThrowsExactlyAsync<FaultException>(() => chain.EstimateGasAsync(guest.Address, Address.Parse(former),
            ContractArtifact.EvidenceAnchor.Call("anchor", 1_000_000L, Digest.Of("x"u8))));
    }

    private string At(string name) => Path.Combine(folder.FullName, name);

    private static string Lines(Findings findings) => string.Join('\n', findings.All);

    private async Task<App> StartAsync(string contract, string[] former)
    {
        var environment = platform.AppEnvironment();
        environment["Notary__Chain__AnchorIntervalSeconds"] = "1";
        environment["Notary__Chain__Contract"] = contract;
        environment["Notary__Chain__FormerContracts"] = string.Join(' ', former);
        return await App.StartAsync(environment);
    }

    private static Task<byte[]> TrustAsync(App app, string query) => app.Http.GetByteArrayAsync(new Uri("v1/trust" + query, UriKind.Relative));

    /// <summary>The same name is the same deposit.</summary>
    private async Task DepositAsync(App app, string name, bool wait)
    {
        await app.ReadyAsync();
        await File.WriteAllTextAsync(At(name), name);
        string[] more = wait ? ["--wait", "--timeout", "00:05:00", "--out", folder.FullName] : [];
        var run = await Run.AsyncOf(["deposit", At(name), "--url", app.Url.ToString(), "--key", tenantKey, "--idempotency-key", name, "--json", .. more]);
        Assert.AreEqual(0, run.Exit, run.Output + run.Error);
        ids[name] = JsonDocument.Parse(run.Output).RootElement.GetProperty("id").GetString()!;
    }

    private async Task<string> DoAsync(string[] args)
    {
        var run = await Run.AsyncOf(["consortium", .. args, "--node", platform.Anvil.Url.ToString()]);
        Assert.AreEqual(0, run.Exit, $"{string.Join(' ', args)}\n{run.Output}{run.Error}");
        return run.Output;
    }

    private async Task<string> FailsAsync(int exit, string[] args)
    {
        var run = await Run.AsyncOf(["consortium", .. args, "--node", platform.Anvil.Url.ToString()]);
        Assert.AreEqual(exit, run.Exit, $"{string.Join(' ', args)}\n{run.Output}{run.Error}");
        return run.Error;
    }

    private async Task<Findings> AuditAsync(App app)
    {
        var account = StorageAccount.Open(new StorageOptions { ConnectionString = platform.ConnectionString });
        var inputs = new FsckCommand.Inputs(account, TrustRoots.Parse(await TrustAsync(app, "")), platform.Anvil.Url, null, 0, 0, TimeProvider.System);
        return await FsckCommand.RunAsync(inputs, new Terminal(Stream.Null, new StringWriter(), new StringWriter()), CancellationToken.None);
    }

    private Task<Run> VerifyAsync(string name, string trust)
        => Run.AsyncOf("verify", Bundle(name), "--trust", trust, "--rpc", platform.Anvil.Url.ToString(), "--confirmations", "1");

    private string Bundle(string name) => At($"{ids[name]}.evidence.zip");

    private async Task RecipeAsync(string name, string trust)
    {
        var place = Directory.CreateDirectory(At($"unpacked {name}"));
        System.IO.Compression.ZipFile.ExtractToDirectory(Bundle(name), place.FullName);
        using var sh = Process.Start(new ProcessStartInfo("sh", ["VERIFY.txt", At(name)])
        {
            WorkingDirectory = place.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["RPC"] = platform.Anvil.Url.ToString(), ["TRUST"] = trust },
        })!;
        var (output, error) = (sh.StandardOutput.ReadToEndAsync(), sh.StandardError.ReadToEndAsync());
        await sh.WaitForExitAsync();
        Assert.AreEqual(0, sh.ExitCode, await output + await error);
        Assert.EndsWith("VERIFIED", (await output).TrimEnd());
    }

    private string[] BrowserCodes(string trust)
    {
        var place = Directory.CreateDirectory(At("browser"));
        File.Copy(trust, Path.Combine(place.FullName, "trust.json"), overwrite: true);
        File.Copy(Bundle("before"), Path.Combine(place.FullName, "0.zip"), overwrite: true);
        File.Copy(Bundle("after"), Path.Combine(place.FullName, "1.zip"), overwrite: true);
        var script = Path.Combine(Repository.Root, "tests", "Core", "Verification", "Bundles", "codes.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, place.FullName, "2"]) { RedirectStandardOutput = true })!;
        var said = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.AreEqual(0, node.ExitCode);
        return said.TrimEnd().Split('\n');
    }

    /// <summary>What the platform says of why it does not anchor, where its operator looks.</summary>
    private async Task<string> RefusalAsync(App app)
    {
        using var client = app.Client(platform.OperatorKey);
        for (var look = 0; look < Looks; look++)
        {
            var text = await client.GetStringAsync(new Uri("v1/processes", UriKind.Relative));
            if (text.Contains("chain-refused", StringComparison.Ordinal))
                return text;

            await Task.Delay(BetweenLooks);
        }

        throw new AssertFailedException("no process was refused");
    }

    private async Task<List<long>> EventsAsync(params string[] contracts)
    {
        var sizes = new List<long>();
        foreach (var contract in contracts)
        {
            var logs = await platform.Anvil.CallAsync("eth_getLogs", new JsonObject
            {
                ["address"] = contract, ["fromBlock"] = "0x0", ["toBlock"] = "latest", ["topics"] = new JsonArray(Hex.Of(AnchorContract.AnchoredTopic)),
            });
            sizes.AddRange(logs.EnumerateArray().Select(log => Hex.Long("0x" + log.GetProperty("topics")[1].GetString()![^16..])));
        }

        return sizes;
    }

    private ChainOptions Options(string contract) => new() { RpcUrls = [platform.Anvil.Url], ChainId = Platform.ChainId, Contract = contract };

    private async Task<(long Block, long Nonce)> CallAsync(ChainSigner by, string to, string function, params object[] values)
    {
        await platform.Anvil.FundAsync(by.Address.ToLowerHex(), System.Numerics.BigInteger.Pow(10, 20));
        var nonce = await chain.NonceAsync(by.Address);
        var signed = await by.SignAsync(new Nethereum.Model.Transaction1559(Platform.ChainId, nonce, 1_000_000_000, 100_000_000_000, 200_000,
            to, 0, Hex.Of(ContractArtifact.EvidenceAnchor.Call(function, values)), []));
        Assert.AreEqual(SendOutcome.Accepted, (await chain.SendAsync(signed)).Outcome);
        var hash = Hex.Of(Keccak256.Hash(signed));
        while (true)
        {
            var receipt = await platform.Anvil.CallAsync("eth_getTransactionReceipt", hash);
            if (receipt.ValueKind == JsonValueKind.Object)
            {
                Assert.AreEqual("0x1", receipt.GetProperty("status").GetString(), function);
                return (Hex.Long(receipt.GetProperty("blockNumber").GetString()), nonce);
            }

            await Task.Delay(BetweenLooks);
        }
    }
}
