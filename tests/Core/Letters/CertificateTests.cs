using Notary.Evidence.Draws;
using Notary.Evidence.Ethereum;
using Notary.Verification.Certificates;

namespace Notary.Letters.Tests;

/// <summary>Certificates of draws: rendered, signed, judged, and told from what was tampered with.</summary>
[TestClass]
public sealed class CertificateTests
{
    [TestMethod]
    public async Task It_is_signed_and_its_pages_are_judged_word_by_word()
    {
        await using var office = await Office.OpenAsync();
        foreach (var facts in Certificates())
        {
            var pdf = LetterRenderer.Render(facts);
            CollectionAssert.AreEqual(pdf, LetterRenderer.Render(facts));
            var signed = await office.SignAsync(pdf, [office.Certificate, office.Root]);
            var check = office.Verifier.CheckCertificate(signed, out var read);
            Assert.IsTrue(check.Ok, check.Reason);
            CollectionAssert.AreEqual(facts.ToJson(), read!.ToJson());
            Assert.AreEqual(office.Certificate.Subject, check.Signer);

            // Neither passes for the other.
            Assert.AreEqual(LetterCodes.Malformed, office.Verifier.Check(signed).Code);
        }

        var letter = await office.SignAsync(LetterRenderer.Render(Samples.Letter()));
        Assert.AreEqual(LetterCodes.Malformed, office.Verifier.CheckCertificate(letter, out var none).Code);
        Assert.IsNull(none);
    }

    [TestMethod]
    public async Task Independent_tools_accept_it_and_read_its_facts()
    {
        await using var office = await Office.OpenAsync();
        foreach (var facts in Certificates())
        {
            var signed = await office.SignAsync(LetterRenderer.Render(facts), [office.Certificate, office.Root]);
            await ToolJudges.AcceptAsync(signed);
            var (code, output) = await Tool.RunAsync(signed, "pdfsig", "{}");
            Assert.AreEqual(0, code, output);
            StringAssert.Contains(output, "Signature is Valid");
            StringAssert.Contains(output, "Total document signed");
            var text = string.Concat((await Tool.TextAsync(signed)).Where(c => !char.IsWhiteSpace(c)));
            foreach (var word in (string[])[facts.Result.Seed.ToString(), facts.Draw.List.Root.ToString(), facts.Result.WinnersDigest.ToString(),
                facts.Draw.Commitment().ToString(), facts.VerifyUrl.OriginalString])
                StringAssert.Contains(text, word);
        }
    }

    [TestMethod]
    public async Task Every_fact_that_was_exchanged_under_the_pages_is_found()
    {
        await using var office = await Office.OpenAsync();
        var facts = Certificates()[0];
        var (json, pdf) = (facts.ToJson(), LetterRenderer.Render(facts));
        var at = pdf.AsSpan().IndexOf(json);
        var tried = 0;
        foreach (var place in Values(json))
        {
            var other = (byte[])json.Clone();
            other[place] = other[place] == (byte)'7' ? (byte)'8' : (byte)'7';
            var forged = (byte[])pdf.Clone();
            other.CopyTo(forged, at);
            var check = office.Verifier.CheckCertificate(await office.SignAsync(forged), out var read);
            Assert.IsFalse(check.Ok, System.Text.Encoding.UTF8.GetString(other.AsSpan(Math.Max(0, place - 40), 41)));
            CollectionAssert.Contains((string[])[LetterCodes.Pages, LetterCodes.Malformed], check.Code);
            Assert.IsNull(read);
            tried++;
        }

        Assert.IsGreaterThan(40, tried);
    }

    /// <summary>The last digit of every value that ends with one.</summary>
    private static IEnumerable<int> Values(byte[] json)
        => Enumerable.Range(1, json.Length - 1).Where(i => json[i] is (byte)'"' or (byte)',' or (byte)'}' && char.IsAsciiHexDigit((char)json[i - 1])
            && char.IsAsciiDigit((char)json[i - 1])).Select(i => i - 1);

    /// <summary>A usual one, one by a block with a hundred rounds, a rehearsal with a title that fonts do not have.</summary>
    internal static IReadOnlyList<CertificateFacts> Certificates()
    {
        var drand = new BeaconPlan.Drand(Samples.Digest("chain"), 20_000_017);
        return
        [
            Certificate(drand, 4, "示范市二〇二六年保障性住房第三期摇号", rehearsal: false),
            Certificate(new BeaconPlan.Block(31337, 4711, 12), 100, "小客车指标", rehearsal: false),
            Certificate(drand, 1, "演练 \u202Erehearsal \uE000 שלום", rehearsal: true),
        ];
    }

    private static CertificateFacts Certificate(BeaconPlan beacon, int rounds, string title, bool rehearsal)
    {
        string[] groups = ["A", "B", "残疾人家庭"];
        var rules = new DrawRules(groups, [.. Enumerable.Range(0, rounds).Select(i
            => new DrawRound(1_000 + i, 100, i % 2 == 0 ? [] : groups, i % 3 == 1, i % 4 == 0))]);
        var draw = new DrawDocument(Samples.Digest("draw"), rehearsal, rules, new ListCommitment(Samples.Digest("list"), 1_234_567, 2_345_678),
            Samples.Digest("specification"), beacon, 4711, 31337, Address.Parse("0x" + Samples.Digest("registry").ToString()[..40]));
        var kind = beacon is BeaconPlan.Drand ? BeaconKind.Drand : BeaconKind.Block;
        var result = new DrawResult(draw.Id, draw.Kind, draw.Commitment(), Samples.Digest("seed"), [(0, Samples.Digest("secret"))],
            (kind, Samples.Digest("beacon")), [.. rules.Rounds.Select((r, i) => new RoundResult(900_000 - i, 1_000_000, r.Quota, r.Reserves,
                (UInt128)0x1234567890abcdef << (i % 60), i % 5 == 0 ? null : UInt128.MaxValue - (UInt128)i))], 4_400, Samples.Digest("winners"));
        return new CertificateFacts(
            "〔2026〕示浦摇字第4713号", new LetterOffice("示范公证处", "Model Notary Office"),
            new("示浦", "示范市示浦区公证路 1 号", "示范存证平台有限公司", "示范公证联盟链", "示范链运营有限公司"),
            title, "示范市住房保障中心", draw, result, Samples.Digest("plan"), beacon is BeaconPlan.Drand ? Samples.Received.AddMilliseconds(-123) : null,
            [new("0x" + new string('4', 40), true), new("0x" + new string('5', 40), false)],
            rehearsal ? [] : [.. ((string[])["publish", "commit", "result"]).SelectMany(step => ((string[])["公证员甲", "公证员乙"])
                .Select(name => new CertificateApproval(step, name, Samples.Received.AddMilliseconds(-123))))],
            "019ab0c4-6f5b-7d3e-8a11-0123456789ab", "019ab0c4-6f5b-7d3e-8a11-0123456789ac",
            new Uri($"https://notary.example/draws/{draw.Id}"), Samples.Received.AddMilliseconds(-123).AddMinutes(3));
    }
}
