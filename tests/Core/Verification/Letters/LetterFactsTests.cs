namespace Notary.Verification.Tests.Letters;

[TestClass]
public sealed class LetterFactsTests
{
    private static readonly LetterFacts Facts = LetterVector.Check().Facts!;

    [TestMethod]
    public void Facts_come_back_as_they_went_in()
    {
        var again = LetterFacts.Parse(Facts.ToJson());
        CollectionAssert.AreEqual(Facts.ToJson(), again.ToJson());
        Assert.AreEqual("019ab0c4-6f5b-7d3e-8a11-0123456789ab", again.Id.ToString());
        Assert.AreEqual("北京示例科技有限公司", again.DepositorName);
        Assert.AreEqual(new DateTimeOffset(2026, 11, 22, 5, 0, 0, 123, TimeSpan.Zero), again.ReceivedAt);
        Assert.AreEqual("房屋租赁合同（最终版）.pdf", again.Items.Single().Name);
        Assert.AreEqual(4, again.Times.Count);
        Assert.AreEqual("公证处", again.Office.Chinese);
        Assert.AreEqual(31337, again.ChainId);
    }

    [TestMethod]
    public void A_digest_without_a_size_and_a_time_to_the_tick_come_back()
    {
        var item = ManifestItem.Of("", null, "", Digest.Of([]));
        var exact = Facts with { Items = [item], IssuedAt = Facts.IssuedAt.AddTicks(1) };
        var again = LetterFacts.Parse(exact.ToJson());
        Assert.IsNull(again.Items[0].Size);
        Assert.AreEqual(exact.IssuedAt, again.IssuedAt);
    }

    private static readonly LetterFacts Second = Facts with
    {
        Number = LetterFacts.NumberOf(Facts.ReceivedAt, "示浦", Facts.LogIndex),
        Parties = new LetterParties("示浦", "示范路 1 号", "示范平台", "示范链", "示范链运营"),
        Times = [.. Facts.Times.Select(t => t with { By = new LetterAuthority($"Legal {t.Authority}", "1.2.3", Digest.Of("x"u8)) })],
    };

    [TestMethod]
    public void The_second_version_says_who_stands_behind_the_letter()
    {
        Assert.AreEqual("〔2026〕示浦电存字第4712号", Second.Number);
        Assert.AreEqual("(2027) 电存字第 00000001 号", LetterFacts.NumberOf(new(2026, 12, 31, 16, 0, 0, TimeSpan.Zero), null, 0));
        var again = LetterFacts.Parse(Second.ToJson());
        CollectionAssert.AreEqual(Second.ToJson(), again.ToJson());
        Assert.AreEqual(Second.Parties, again.Parties);
        CollectionAssert.AreEqual(Second.Times.ToArray(), again.Times.ToArray());

        // Neither version is read with the other's members.
        Refused((Second with { Parties = null }).ToJson());
        Refused((Facts with { Parties = Second.Parties }).ToJson());
        Refused((Second with { Times = Facts.Times }).ToJson());
        (string, string)[] added = [("office", "shortName"), ("office", "address"), ("office", "operator"), ("chain", "name"), ("chain", "operator")];
        foreach (var (of, member) in added)
        {
            var without = JsonNode.Parse(Second.ToJson())!.AsObject();
            without[of]!.AsObject().Remove(member);
            Refused(Jcs.Canonicalize(without));
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Each_member_is_needed_and_no_other_is_taken(bool second)
    {
        var json = Encoding.UTF8.GetString((second ? Second : Facts).ToJson());
        foreach (var name in JsonNode.Parse(json)!.AsObject().Select(m => m.Key).ToArray())
        {
            var without = JsonNode.Parse(json)!.AsObject();
            without.Remove(name);
            Refused(Jcs.Canonicalize(without));

            var wrong = JsonNode.Parse(json)!.AsObject();
            wrong[name] = true;
            Refused(Jcs.Canonicalize(wrong));
            wrong[name] = null;
            Refused(Jcs.Canonicalize(wrong));
        }

        var more = JsonNode.Parse(json)!.AsObject();
        more["zzz"] = 1;
        Refused(Jcs.Canonicalize(more));
        foreach (var inner in (string[])["log", "chain", "office"])
        {
            more = JsonNode.Parse(json)!.AsObject();
            more[inner]!["zzz"] = 1;
            Refused(Jcs.Canonicalize(more));
        }
    }

    [TestMethod]
    [DataRow("\"notary-letter/1\"", "\"notary-letter/2\"")]
    [DataRow("\"notary-letter/1\"", "\"notary-letter/3\"")]
    [DataRow("{\"chain\"", "{ \"chain\"")]
    [DataRow("\"block\":123456", "\"block\":123456.0")]
    [DataRow("\"block\":123456", "\"block\":-1")]
    [DataRow("\"block\":123456", "\"block\":9007199254740994")]
    [DataRow("\"block\":123456", "\"block\":99999999999999999999999")]
    [DataRow("2026-11-22T05:00:00.123Z", "2026-11-22T05:00:00.1230Z")]
    [DataRow("2026-11-22T05:00:00.123Z", "2026-11-22T13:00:00.123+08:00")]
    [DataRow("https://notary.example", "notary.example")]
    [DataRow("019ab0c4", "019AB0C4")]
    [DataRow("公证处", "\\u516c证处")]
    [DataRow("公证处", "\\ud800")]
    public void Another_spelling_is_refused(string from, string to)
    {
        var json = Encoding.UTF8.GetString(Facts.ToJson());
        StringAssert.Contains(json, from);
        Refused(Encoding.UTF8.GetBytes(json.Replace(from, to, StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_lone_surrogate_is_never_written()
    {
        Assert.ThrowsExactly<FaultException>(() => (Facts with { DepositorName = "a\uDC00" }).ToJson());
        Assert.ThrowsExactly<FaultException>(() => (Facts with { Notes = new Dictionary<string, string> { ["\uD800"] = "" } }).ToJson());
    }

    [TestMethod]
    public void Broken_bytes_are_refused_and_nothing_else_happens()
    {
        var random = new Random(11);
        var json = Facts.ToJson();
        for (var i = 0; i < 5000; i++)
        {
            var broken = (byte[])json.Clone();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);

            Tolerated(broken);
            Tolerated(broken[..random.Next(broken.Length)]);
        }

        Refused(new byte[(1 << 20) + 1]);
        Refused(Encoding.ASCII.GetBytes(new string('[', 100_000)));
    }

    private static void Refused(byte[] json)
        => Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => LetterFacts.Parse(json), Encoding.UTF8.GetString(json)).Fault);

    private static void Tolerated(byte[] json)
    {
        try
        {
            // A changed letter of a name is another, well-formed statement; only the signature can tell.
            CollectionAssert.AreEqual(json, LetterFacts.Parse(json).ToJson());
        }
        catch (FaultException fault) when (fault.Fault == Fault.Malformed)
        {
        }
    }
}
