using System.Text.Json;
using Notary.Evidence.Drand;

namespace Notary.Evidence.Tests.Drand;

[TestClass]
public sealed class Bls381Tests
{
    private const int Points = 200;

    [TestMethod]
    public void A_message_hashes_to_the_field_elements_of_rfc_9380()
    {
        var vector = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(TestFiles.Vector("drand-hash.json")));
        string Text(string name) => vector.GetProperty(name).GetString()!;
        var (first, second) = Bls381.HashToField(Encoding.UTF8.GetBytes(Text("message")), Encoding.UTF8.GetBytes(Text("tag")));
        Assert.AreEqual(Text("first"), Convert.ToHexStringLower(first));
        Assert.AreEqual(Text("second"), Convert.ToHexStringLower(second));
    }

    /// <summary>Of random x about half belong to a point of the curve, hardly one of them in the subgroup.</summary>
    [TestMethod]
    [DataRow("g1", Bls381.FieldSize)]
    [DataRow("g2", 2 * Bls381.FieldSize)]
    public async Task Points_are_spelled_as_another_implementation_spells_them(string group, int size)
    {
        var random = new Random(20261130);
        var lines = new List<string>();
        for (var i = 0; i < Points; i++)
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            bytes[0] = (byte)((bytes[0] & 0x1f) | (i % 8 == 0 ? random.Next(8) : random.Next(4, 6)) << 5);
            if (size > Bls381.FieldSize && i % 8 != 0)
                bytes[Bls381.FieldSize] &= 0x1f;

            lines.Add(Convert.ToHexStringLower(bytes));
        }

        var answers = await NodePeer.AskAsync("points.mjs", group, lines);
        var taken = 0;
        foreach (var (line, answer) in lines.Zip(answers))
        {
            var bytes = Convert.FromHexString(line);
            var ok = group == "g1" ? Bls381.TryExpandG1(bytes, out var point) : Bls381.TryExpandG2(bytes, out point);
            Assert.AreEqual(answer, ok ? Convert.ToHexStringLower(point) : "!", line);
            taken += ok ? 1 : 0;
        }

        Assert.IsTrue(taken > Points / 20, $"{taken} points");
    }

    [TestMethod]
    public void One_point_has_one_spelling()
    {
        var prime = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
        Assert.IsTrue(Bls381.TryExpandG1(Spelled(0x80, new string('0', 96)), out var point), "x = 0, on the curve though not in the subgroup");
        Assert.AreEqual(2, point[^1]);
        Assert.IsTrue(Bls381.TryExpandG1(Spelled(0xa0, new string('0', 96)), out var other));
        Assert.AreNotEqual(Convert.ToHexString(point), Convert.ToHexString(other));
        Assert.IsFalse(Bls381.TryExpandG1(Spelled(0x80, prime), out _), "x = p is x = 0 again");
        Assert.IsFalse(Bls381.TryExpandG1(Spelled(0x00, new string('0', 96)), out _), "not said to be compressed");
        Assert.IsFalse(Bls381.TryExpandG1(Spelled(0xc0, new string('0', 96)), out _), "infinity");
        Assert.IsFalse(Bls381.TryExpandG1(point, out _), "uncompressed");
        Assert.IsFalse(Bls381.TryExpandG2(Spelled(0x80, prime + new string('0', 96)), out _));
        Assert.IsFalse(Bls381.TryExpandG2(Spelled(0xc0, new string('0', 192)), out _));
    }

    private static byte[] Spelled(byte flags, string digits)
    {
        var bytes = Convert.FromHexString(digits);
        bytes[0] |= flags;
        return bytes;
    }
}
