namespace Notary.Evidence.Tests;

[TestClass]
public sealed class JcsTests
{
    [TestMethod]
    [DataRow("arrays")]
    [DataRow("french")]
    [DataRow("structures")]
    [DataRow("unicode")]
    [DataRow("values")]
    [DataRow("weird")]
    public void Published_documents_come_out_as_published(string name)
    {
        using var input = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Vector($"rfc8785/{name}.input.json")));
        var expected = File.ReadAllText(TestFiles.Vector($"rfc8785/{name}.output.json"));
        Assert.AreEqual(expected, Encoding.UTF8.GetString(Jcs.Canonicalize(input.RootElement)));
        Assert.AreEqual(expected, Encoding.UTF8.GetString(Jcs.Canonicalize(JsonNode.Parse(input.RootElement.GetRawText()))));
    }

    [TestMethod]
    public void Numbers_of_appendix_B_come_out_as_published()
    {
        var lines = File.ReadAllLines(TestFiles.Vector("rfc8785/numbers.txt"));
        Assert.HasCount(24, lines);
        foreach (var line in lines)
        {
            var (bits, expected) = (line.Split(' ')[0], line.Split(' ')[1]);
            var value = BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            Assert.AreEqual(expected, Encoding.UTF8.GetString(Jcs.Canonicalize(JsonValue.Create(value))), bits);
        }
    }

    /// <summary>Powers of two lie nearer to the double below than to the one above; the runtime's own shortest form forgets that for some of them.</summary>
    [TestMethod]
    public void Every_power_of_two_reads_back_as_itself()
    {
        Assert.AreEqual("4.1045368012983762e-289", JcsWriter.EcmaScript(Math.ScaleB(1, -958)));
        for (var power = -1074; power <= 1023; power++)
        {
            var value = Math.ScaleB(1, power);
            Assert.AreEqual(value, double.Parse(JcsWriter.EcmaScript(value), CultureInfo.InvariantCulture), $"2^{power}");
        }
    }

    [TestMethod]
    [DataRow("{\"a\":1,\"a\":1}")]
    [DataRow("{\"a\":1,\"\\u0061\":2}")]
    [DataRow("\"\\ud800\"")]
    [DataRow("{\"\\udc00\":1}")]
    [DataRow("[1e400]")]
    public void What_has_no_canonical_form_is_refused(string json)
    {
        using var document = JsonDocument.Parse(json);
        var fault = Assert.ThrowsExactly<FaultException>(() => Jcs.Canonicalize(document.RootElement));
        Assert.AreEqual(Fault.Malformed, fault.Fault);
        Assert.ThrowsExactly<FaultException>(() => Jcs.ParseCanonical(Encoding.UTF8.GetBytes(json)));
    }

    [TestMethod]
    public void Numbers_that_are_none_are_refused()
    {
        Assert.ThrowsExactly<FaultException>(() => Jcs.Canonicalize(JsonValue.Create(double.NaN)));
        Assert.ThrowsExactly<FaultException>(() => Jcs.Canonicalize(JsonValue.Create(double.NegativeInfinity)));
    }

    [TestMethod]
    [DataRow(0xd800)]
    [DataRow(0xdc00)]
    [DataRow(0x61, 0xd83d, 0x7a)]
    [DataRow(0xde00, 0xd83d)]
    public void A_lone_surrogate_made_in_memory_is_refused_wherever_it_stands(params int[] units)
    {
        string text = new([.. units.Select(u => (char)u)]);
        JsonNode?[] places = [JsonValue.Create(text), new JsonArray(text), new JsonObject { [text] = 1 },
            new JsonObject { ["a"] = new JsonArray(new JsonObject { ["b"] = text }) }, JsonValue.Create(text.First(char.IsSurrogate))];
        foreach (var place in places)
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => Jcs.Canonicalize(place)).Fault);
    }

    [TestMethod]
    public void Both_doors_refuse_the_same()
    {
        foreach (var json in (string[])["{\"a\":1,\"a\":1}", "[{\"a\":{\"b\":1,\"\\u0062\":2}}]", "\"\\ud800\"", "{\"\\udc00\":1}", "[1e400]", "[-1e309]"])
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(() => Jcs.Canonicalize(JsonNode.Parse(json))).Fault, json);
    }

    [TestMethod]
    public void Nodes_of_every_kind_come_out_as_their_text_does()
    {
        var time = new DateTimeOffset(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);
        JsonNode node = new JsonObject
        {
            ["z"] = -0.0,
            ["a"] = new JsonArray(null, true, 1, 2L, 0.5m, 0.1f, 1e21, 'x', "é", time, Guid.Empty),
            ["\u00e9"] = JsonNode.Parse("[4.50, 1E30, \"\\u20ac\"]"),
            ["e"] = new JsonObject(),
        };
        Assert.AreEqual(
            "{\"a\":[null,true,1,2,0.5,0.1,1e+21,\"x\",\"é\","
                + "\"2026-11-22T05:00:00+00:00\",\"00000000-0000-0000-0000-000000000000\"],\"e\":{},\"z\":0,\"é\":[4.5,1e+30,\"€\"]}",
            Encoding.UTF8.GetString(Jcs.Canonicalize(node)));
        Assert.AreEqual("null", Encoding.UTF8.GetString(Jcs.Canonicalize((JsonNode?)null)));
    }

    /// <summary>The same bound whichever way a value comes in, and whoever parsed it.</summary>
    [TestMethod]
    public void Nesting_is_bounded_alike_at_every_door()
    {
        static string Lists(int depth) => new string('[', depth) + new string(']', depth);
        static JsonNode Nodes(int depth)
        {
            JsonNode node = new JsonArray();
            for (var i = 1; i < depth; i++)
                node = i % 2 == 0 ? new JsonArray(node) : new JsonObject { ["a"] = node };

            return node;
        }

        using var deepest = JsonDocument.Parse(Lists(Jcs.MaxDepth));
        using var deeper = JsonDocument.Parse(Lists(Jcs.MaxDepth + 1), new JsonDocumentOptions { MaxDepth = 1000 });
        Assert.HasCount(2 * Jcs.MaxDepth, Jcs.Canonicalize(deepest.RootElement));
        Jcs.ParseCanonical(Encoding.UTF8.GetBytes(Lists(Jcs.MaxDepth))).Dispose();
        Jcs.Canonicalize(Nodes(Jcs.MaxDepth));
        Action[] tooDeep =
        [
            () => Jcs.Canonicalize(deeper.RootElement),
            () => Jcs.ParseCanonical(Encoding.UTF8.GetBytes(Lists(Jcs.MaxDepth + 1))),
            () => Jcs.Canonicalize(Nodes(Jcs.MaxDepth + 1)),
            () => Jcs.Canonicalize(Nodes(20_000)),
        ];
        foreach (var act in tooDeep)
            Assert.AreEqual(Fault.Malformed, Assert.ThrowsExactly<FaultException>(act).Fault);
    }

    [TestMethod]
    [DataRow("{ }")]
    [DataRow("{\"b\":1,\"a\":2}")]
    [DataRow("1.0")]
    [DataRow("\"\\u0041\"")]
    [DataRow("-0")]
    [DataRow("")]
    [DataRow("[1,]")]
    [DataRow("\ufeff1")]
    public void Only_the_canonical_spelling_parses(string json)
        => Assert.ThrowsExactly<FaultException>(() => Jcs.ParseCanonical(Encoding.UTF8.GetBytes(json)));

    [TestMethod]
    public void Deep_nesting_is_refused_and_not_a_crash()
        => Assert.ThrowsExactly<FaultException>(() => Jcs.ParseCanonical(Encoding.UTF8.GetBytes(new string('[', 100_000))));

    [TestMethod]
    public void Every_double_reads_back_as_itself()
        => Prop.ForAll(ArbMap.Default.ArbFor<double>().Filter(double.IsFinite), value =>
        {
            var text = Encoding.UTF8.GetString(Jcs.Canonicalize(JsonValue.Create(value)));
            return double.Parse(text, CultureInfo.InvariantCulture) == value && !text.Contains('E', StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Canonical_bytes_are_their_own_canonical_form()
        => Prop.ForAll(ArbMap.Default.ArbFor<Dictionary<FsCheck.NonNull<string>, FsCheck.NonNull<string>>>(), map =>
        {
            var node = new JsonObject();
            foreach (var (name, text) in map)
                node[name.Get] = text.Get;

            byte[] bytes;
            try
            {
                bytes = Jcs.Canonicalize(node);
            }
            catch (FaultException e) when (e.Fault == Fault.Malformed)
            {
                return true; // a generated lone surrogate
            }

            using var again = Jcs.ParseCanonical(bytes);
            return again.RootElement.EnumerateObject().All(m => map.ContainsKey(FsCheck.NonNull<string>.NewNonNull(m.Name)));
        }).QuickCheckThrowOnFailure();
}
