using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Fluent;

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
            {
                node[name.Get] = text.Get;
            }

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
