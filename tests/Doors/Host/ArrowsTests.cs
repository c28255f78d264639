using System.Text.RegularExpressions;

namespace Notary.Host.Tests;

/// <summary>The rooms' arrows: a project sees what it references, and this is what each may reference.</summary>
[TestClass]
public sealed class ArrowsTests
{
    private static readonly string[] Floors = ["Core", "Systems", "Doors", "Recorder"];

    /// <summary>Rooms and packages of each room, in the words of the project files; the Host, which puts everything together, may name any.</summary>
    private static readonly Dictionary<string, string> May = new(StringComparer.Ordinal)
    {
        ["Evidence"] = "",
        ["Verification"] = "Evidence System.IO.Hashing System.Security.Cryptography.Pkcs",
        ["Storage"] = "Azure.Core Azure.Data.Tables Azure.Identity Azure.Storage.Blobs Azure.Storage.Queues Evidence",
        ["Keys"] = "Azure.Core Azure.Identity Evidence",
        ["Timestamping"] = "Evidence System.Security.Cryptography.Pkcs Verification",
        ["Chain"] = "BouncyCastle.Cryptography Evidence Keys Nethereum.Merkle.Patricia Nethereum.RPC Nethereum.Signer Newtonsoft.Json Storage",
        ["Letters"] = "Evidence HarfBuzzSharp HarfBuzzSharp.NativeAssets.Linux Keys QRCoder System.Security.Cryptography.Pkcs Verification",
        ["Orchestration"] = "Evidence Microsoft.Azure.DurableTask.AzureStorage Microsoft.Azure.DurableTask.Core "
            + "Microsoft.DurableTask.Client Microsoft.DurableTask.Worker Storage "
            + "System.Reactive.Compatibility System.Reactive.Core",
        ["Webhooks"] = "Evidence Keys Storage",
        ["Deposits"] = "Chain Evidence Keys Letters Orchestration Storage Timestamping Verification Webhooks",
        ["Identity"] = "Evidence Fido2 Keys Microsoft.IdentityModel.Protocols.OpenIdConnect OpenIddict.Core OpenIddict.Server.AspNetCore Storage",
        ["Audit"] = "Deposits Evidence Storage",
        ["Lotteries"] = "Chain Deposits Evidence Fido2 Keys Letters Orchestration Storage Verification",
        ["Forensics"] = "Deposits Evidence Letters Orchestration Storage Verification",
        ["Console"] = "Audit Chain Deposits Evidence Forensics Identity Lotteries Webhooks",
        ["Recorder"] = "Evidence System.CommandLine System.Security.Cryptography.Pkcs",
        ["Cli"] = "BouncyCastle.Cryptography Evidence Keys Nethereum.KeyStore Nethereum.Signer Newtonsoft.Json Storage System.CommandLine Verification",
    };

    [TestMethod]
    public void EachRoomReferencesWhatItMayAndNothingPointsUp()
    {
        var projects = Floors.SelectMany(floor => Files("Notary.*.csproj", "functions", floor).Select(file => (Floor: Array.IndexOf(Floors, floor),
            Room: Path.GetFileNameWithoutExtension(file)["Notary.".Length..], Text: File.ReadAllText(file)))).ToList();
        CollectionAssert.AreEquivalent(May.Keys.Append("Host").ToList(), projects.Select(p => p.Room).ToList());
        var floors = projects.ToDictionary(p => p.Room, p => p.Floor, StringComparer.Ordinal);
        foreach (var (floor, room, text) in projects)
        {
            var rooms = Regex.Matches(text, @"<ProjectReference Include=""[^""]*Notary\.(\w+)\.csproj""").Select(m => m.Groups[1].Value).ToList();
            var packages = Regex.Matches(text, @"<PackageReference Include=""([^""]+)""").Select(m => m.Groups[1].Value);
            Assert.IsTrue(rooms.All(r => floors[r] <= floor), $"{room} points up");
            if (May.TryGetValue(room, out var may))
                Assert.AreEqual(may, string.Join(' ', rooms.Concat(packages).Order(StringComparer.Ordinal)), room);
        }
    }

    /// <summary>.editorconfig's max_line_length, which the compiler does not read.</summary>
    [TestMethod]
    public void NoLineIsLongerThan160Characters()
    {
        var lines = new[] { "*.cs", "*.razor", "*.mjs", "*.css" }.SelectMany(kind => Files(kind, "functions").Concat(Files(kind, "tests")))
            .SelectMany(file => File.ReadLines(file).Select((text, i) => (file, i, text))).ToList();
        Assert.IsGreaterThan(40_000, lines.Count);
        Assert.AreEqual("", string.Join('\n', lines.Where(l => l.text.Length > 160).Select(l => $"{l.file}:{l.i + 1} has {l.text.Length} characters")));
    }

    private static IEnumerable<string> Files(string pattern, params string[] folder)
        => Directory.EnumerateFiles(Path.Combine([Repository.Root, .. folder]), pattern, SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar)
                .Any(part => part is "obj" or "bin" or "node_modules"));
}
