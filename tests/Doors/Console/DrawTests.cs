using Notary.Evidence.Draws;
using Notary.Verification.Tests;

namespace Notary.Pages.Tests;

/// <summary>The browser's own draw: it has no line of the platform's, and must come to the same bytes.</summary>
[TestClass]
public sealed class DrawTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Doors", "Console");
    private static readonly string Format = Path.Combine(Repository.Root, "docs", "draw-format.md");

    [TestMethod]
    public async Task ItComputesWhatThePlatformDoes()
    {
        var root = Directory.CreateTempSubdirectory();
        try
        {
            var made = new List<(DrawFiles Files, CandidateTicket Ticket, string Folder)>();
            for (var i = 0; i < 14; i++)
            {
                var files = await MakeAsync(i);
                var (ticket, folder) = (files.Ticket(i % files.List.Count), root.CreateSubdirectory($"{i}").FullName);
                foreach (var (name, bytes) in files.Files.Append(new("ticket.json", ticket.ToBytes())))
                    await File.WriteAllBytesAsync(Path.Combine(folder, name), bytes);

                made.Add((files, ticket, folder));
            }

            var lines = NodeForge.Lines(Path.Combine(Folder, "draw.mjs"), [Format, .. made.Select(m => m.Folder)]);
            Assert.HasCount(1 + made.Count, lines);
            for (var i = 0; i < made.Count; i++)
            {
                var (found, (files, ticket, _)) = (JsonNode.Parse(lines[i + 1])!, made[i]);
                Assert.AreEqual("commitment pass, list pass, reveals pass, beacon unknown, seed pass, rounds pass, winners pass, result pass",
                    (string?)found["marks"], $"draw {i} of {files.List.Count}");
                Assert.AreEqual(ticket.Handle.ToString(), (string?)found["handle"]);
                Assert.AreEqual(string.Join(", ", ticket.Fates(files.Draw, files.Result).Select(Said)), (string?)found["fates"], $"draw {i}");
                Assert.AreEqual("True False", $"{found["isIn"]!.GetValue<bool>()} {found["elsewhere"]!.GetValue<bool>()}");
                Assert.AreEqual(files.Reveals.Revealed.Count(), (int)found["opened"]!);
            }
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void ItComputesTheExampleOfTheFormatAndSeesEachDamage()
    {
        var found = JsonNode.Parse(NodeForge.Lines(Path.Combine(Folder, "draw.mjs"), Format).Single())!;
        Assert.AreEqual("unjudged True True", $"{found["outcome"]} {found["normal"]!.GetValue<bool>()} {found["seed"]!.GetValue<bool>()}");
        Assert.AreEqual("won 188d656bef613f596705470af3b4dd4b, won-before", (string?)found["fates"]);
        Assert.AreEqual(
            """
            quota: commitment-differs seed-differs rounds-differ winners-differ
            weight: list-differs rounds-differ
            removed: list-differs rounds-differ winners-differ
            secret: reveal-wrong seed-differs rounds-differ winners-differ
            beacon: seed-differs rounds-differ winners-differ
            last: rounds-differ
            table: winners-differ
            spelled: file-malformed
            unknown: file-malformed
            """, string.Join('\n', found["damaged"]!.AsObject().Select(d => $"{d.Key}: {d.Value}")));
    }

    [TestMethod]
    public async Task ItTakesARoundOfDrandByTheKeyOfThatChainAlone()
    {
        await using var drand = await DrandBeacon.StartAsync();
        var quicknet = Path.Combine(Repository.Root, "tests", "Core", "Evidence", "Vectors", "drand-quicknet.json");
        Assert.AreEqual(
            """
            published: pass
            x and y: pass
            next round: fail beacon-signature
            other value: fail beacon-value
            no signature: unknown beacon-unchecked
            local: pass
            unknown chain: unknown beacon-key
            another key: fail beacon-chain
            other-round: fail beacon-signature
            other-key: fail beacon-signature
            negated: fail beacon-signature
            not-a-point: fail beacon-signature
            infinity: fail beacon-signature
            small-order: fail beacon-signature
            beyond-the-prime: fail beacon-signature
            randomness: fail beacon-value
            truncated: fail beacon-signature
            """, string.Join('\n', NodeForge.Lines(Path.Combine(Folder, "beacon.mjs"), quicknet, drand.Url.ToString())));
    }

    private static Task<DrawFiles> MakeAsync(int i) => i switch
    {
        // Larger than the batches of the kernel, with names and groups that take a second block of a leaf.
        0 => DrawFiles.MakeAsync(20_011, new DrawRules(["A", "第一类无房家庭"],
            [new(5_000, 1_000, [], false, true), new(300, 20, ["第一类无房家庭"], false, false), new(18_000, 5_000, [], true, true)]), 3, i),
        1 => DrawFiles.MakeAsync(1, new DrawRules([], [new(1, 0, [], false, false), new(2, 3, [], false, false)]), 1, i),
        _ => DrawFiles.MakeAsync((i * i * 13) + i, new DrawRules(["A", "B", "乙"],
            [new(1 + i, i % 3, i % 2 == 0 ? [] : ["A", "乙"], false, i % 3 == 0), new(3, 2, [], i % 2 == 0, true)]), 1 + (i * 9 % 100), i),
    };

    private static string Said(RoundFate fate)
    {
        var name = fate.Fate switch
        {
            Fate.OtherGroup => "other-group",
            Fate.WonBefore => "won-before",
            Fate.Won => "won",
            Fate.Reserve => "reserve",
            _ => "lost",
        };
        return fate.Number is { } number ? $"{name} {number.ToString("x32", CultureInfo.InvariantCulture)}" : name;
    }
}
