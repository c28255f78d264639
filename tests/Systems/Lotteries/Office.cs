using System.Buffers.Text;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;

namespace Notary.Lotteries.Tests;

/// <summary>A platform that holds draws, its app as a process, and the room's door beside it.</summary>
internal sealed class Office : IAsyncDisposable
{
    /// <summary>What the app's start takes at most on a machine that does nothing else.</summary>
    private static readonly TimeSpan QuietStart = TimeSpan.FromSeconds(8);

    private readonly Dictionary<string, string?> environment;
    private App app = null!;
    private int pace = 1;

    private Office(Platform platform, Bed bed, Dictionary<string, string?> environment) => (Platform, Bed, this.environment) = (platform, bed, environment);

    public Platform Platform { get; }

    public Bed Bed { get; }

    /// <summary>By how much this machine is slower than a quiet one.</summary>
    public int Pace => pace;

    /// <summary>For a state that will come: longer than any machine needs, and with the deadlines of its pace.</summary>
    public TimeSpan Patience => TimeSpan.FromMinutes(3 + pace);

    public static async Task<Office> StartAsync(CancellationToken cancel)
    {
        var platform = await Platform.StartAsync(new PlatformOptions { Azurite = Shared.Azurite, Draws = true }, cancel);
        var environment = platform.AppEnvironment();
        environment["Notary__PublicUrl"] = Bed.Origin;
        environment["Notary__Chain__AnchorIntervalSeconds"] = "1";
        environment["Notary__Chain__Confirmations"] = "2";
        var office = new Office(platform, await Bed.BesideAsync(platform, cancel), environment);
        var begun = TimeProvider.System.GetTimestamp();
        office.app = await App.StartAsync(environment, cancel: cancel);
        await office.app.ReadyAsync(cancel);
        office.pace = Math.Max(1, (int)(TimeProvider.System.GetElapsedTime(begun) / QuietStart));
        return office;
    }

    /// <summary>A deadline of that pace was missed.</summary>
    public void Slow(int missed) => Interlocked.CompareExchange(ref pace, 2 * missed, missed);

    /// <summary>A second instance of the app, in this process, whose workers a test can ask by themselves.</summary>
    public async Task<WebApplication> StartSecondAsync()
    {
        var second = Host.NotaryApp.Build(Host.Composition.HostSettings.Read(new Dictionary<string, string?>(environment) { ["Notary__LogLevel"] = "Error" }));
        await second.StartAsync();
        return second;
    }

    /// <summary>What the app has said.</summary>
    public string Said => app.Process.StandardOutput;

    /// <summary>Waits until the draw is so.</summary>
    public async Task<DrawView> UntilAsync(Digest id, Func<DrawView, bool> wanted, string what)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); ;)
        {
            var view = (await Bed.Lottery.OfficeAsync(id, default))!;
            if (wanted(view))
                return view;

            Assert.IsTrue(TimeProvider.System.GetElapsedTime(begun) < Patience && (view.State != "aborted" || what == "aborted"),
                $"{what}: the draw is {view.State} {view.Aborted?.Reason}; {Said[^Math.Min(Said.Length, 3000)..]}");
            await Task.Delay(100);
        }
    }

    /// <summary>A party with money and books of its own.</summary>
    public async Task<DrawSender> PartyAsync()
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var parameters = key.ExportParameters(includePrivateParameters: true);
        var signer = ChainSigner.FromSpki(key.ExportSubjectPublicKeyInfo(), (hash, _) =>
        {
            using var own = ECDsa.Create(parameters);
            return Task.FromResult(own.SignHash(hash.Span));
        });
        await Platform.Anvil.FundAsync(signer.Address.ToLowerHex(), System.Numerics.BigInteger.Pow(10, 20));
        return new DrawSender(Bed.Chain, signer, Bed.Registry.Contract, Bed.Storage.Table(Names.Chain), Bed.Options(Platform.Anvil.Url, Platform.ChainId));
    }

    /// <summary>Sends the call until it is in a block.</summary>
    public static async Task DoAsync(DrawSender sender, DrawCall call)
    {
        while (await sender.SendAsync(call) is var sending && sending is not DrawSending.Mined)
        {
            if (sending is DrawSending.Refused { Error: "TooLate" })
                throw Attempt.TooLate($"{sending}");

            Assert.IsNotInstanceOfType<DrawSending.Refused>(sending, $"{sending}");
            await Task.Delay(100);
        }
    }

    public async Task<byte[]> FileAsync(Digest id, string name)
    {
        await using var stream = await Bed.Lottery.OpenFileAsync(id, name, 0, null, default);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>What an auditor's command says of a draw's bundle, by the platform's trust file and the notaries' keys as somebody knows them.</summary>
    public async Task<(int Code, string Report)> VerifyAsync(Digest id, IReadOnlyList<byte[]> notaries)
    {
        var folder = Directory.CreateTempSubdirectory("notary-audit-");
        try
        {
            string Name(string file) => Path.Combine(folder.FullName, file);
            await File.WriteAllBytesAsync(Name("bundle.zip"), await FileAsync(id, FileNames.Bundle));
            await File.WriteAllBytesAsync(Name("trust.json"), await app.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative)));
            await File.WriteAllBytesAsync(Name("drand.json"), await Platform.Beacon!.InfoAsync());
            await File.WriteAllLinesAsync(Name("keys.txt"), notaries.Select(key => Base64Url.EncodeToString(key)));
            string[] arguments = ["draw", "verify", Name("bundle.zip"), "--trust", Name("trust.json"), "--drand", Name("drand.json"),
                "--rpc", Platform.Anvil.Url.ToString(), .. notaries.Count == 0 ? ["--rehearsal"] : new[] { "--notaries", Name("keys.txt") }];
            using var process = Process.Start(new ProcessStartInfo(App.Executable("Cli", "notary"), arguments)
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return (process.ExitCode, await output + await error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await Bed.DisposeAsync();
        await Platform.DisposeAsync();
    }
}
