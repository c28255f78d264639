namespace Notary.Verification.Tests;

/// <summary>No damage of any kind is accepted, and none makes the verifier throw.</summary>
[TestClass]
public sealed class TokenFuzzTests
{
    private const int Splices = 4000; // random ones, with a seed that a failure names

    [TestMethod]
    [DataRow(TestKey.P256, false)]
    [DataRow(TestKey.Rsa3072, false)]
    [DataRow(TestKey.Rsa3072, true)]
    public async Task Every_changed_byte_of_a_response_is_found(TestKey key, bool pss)
    {
        await using var authority = await TimestampAuthority.StartAsync(new() { Key = key, Pss = pss });
        var verifier = new TokenVerifier([authority.Root], authority.PolicyOid);
        var asked = Asked.New();
        var honest = TokenResponse.Wrap(asked.Token(authority));
        Assert.IsTrue(verifier.CheckResponse(honest, asked.Imprint).Ok);

        for (var at = 0; at < honest.Length; at++)
        {
            foreach (var flip in new byte[] { 0x01, 0x02, 0x20, 0x80, 0xff })
            {
                var changed = honest.ToArray();
                changed[at] ^= flip;
                var check = verifier.CheckResponse(changed, asked.Imprint);

                // One status is as good as the other: RFC 3161 grants with 0 and with 1.
                var stillGranted = TokenResponse.TryParse(changed, out var response, out _) && response.Status == 1
                    && response.Token!.Value.Span.SequenceEqual(honest.AsSpan()[^response.Token.Value.Length..]);
                Assert.AreEqual(stillGranted, check.Ok, $"byte {at} xor {flip:x2}: {check.Code}");
            }
        }
    }

    [TestMethod]
    public async Task Truncations_insertions_and_splices_are_found()
    {
        await using var authority = await TimestampAuthority.StartAsync();
        var verifier = new TokenVerifier([authority.Root]);
        var asked = Asked.New();
        var honest = asked.Token(authority);
        for (var length = 0; length < honest.Length; length++)
            Assert.IsFalse(verifier.Check(honest.AsMemory(0, length), asked.Imprint).Ok);

        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < Splices; i++)
        {
            int from = random.Next(honest.Length), to = random.Next(honest.Length), count = random.Next(1, 40);
            var piece = honest.AsSpan(from, Math.Min(count, honest.Length - from));
            byte[] changed = random.Next(3) switch
            {
                0 => [.. honest.AsSpan(0, to), .. piece, .. honest.AsSpan(to)],
                1 => [.. honest.AsSpan(0, to), .. honest.AsSpan(Math.Min(honest.Length, to + count))],
                _ => [.. honest.AsSpan(0, to), .. piece, .. honest.AsSpan(Math.Min(honest.Length, to + piece.Length))],
            };
            if (!changed.AsSpan().SequenceEqual(honest))
                Assert.IsFalse(verifier.Check(changed, asked.Imprint).Ok, $"seed {seed}, case {i}");
        }
    }

    [TestMethod]
    public void Noise_and_hostile_lengths_are_a_verdict()
    {
        using var root = TestCertificates.CreateRoot("Nobody");
        var verifier = new TokenVerifier([root]);
        var random = new Random(3161);
        for (var i = 0; i < Splices; i++)
        {
            var noise = new byte[random.Next(300)];
            random.NextBytes(noise);
            Assert.IsFalse(verifier.Check(noise, default).Ok);
            Assert.IsFalse(verifier.CheckResponse(noise, default).Ok);
        }

        byte[][] hostile = [[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], [0x30, 0x80],
            [0x30, 0x88, 1, 2, 3, 4, 5, 6, 7, 8], [0x1f, 0xff, 0xff, 0xff, 0xff, 0x7f, 0], Nested(5000)];
        foreach (var bytes in hostile)
        {
            Assert.AreEqual(TokenCodes.Malformed, verifier.Check(bytes, default).Code);
            Assert.AreEqual(TokenCodes.Malformed, verifier.CheckResponse(bytes, default).Code);
        }

        Assert.AreEqual(TokenCodes.TooLarge, verifier.Check(new byte[TokenVerifier.MaxTokenBytes + 1], default).Code);
        Assert.AreEqual(TokenCodes.TooLarge, verifier.CheckResponse(new byte[TokenResponse.MaxBytes + 1], default).Code);
    }

    private static byte[] Nested(int depth)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < depth; i++)
        {
            var length = bytes.Count;
            bytes.InsertRange(0, length < 128 ? [0x30, (byte)length] : [0x30, 0x82, (byte)(length >> 8), (byte)length]);
        }

        return [.. bytes];
    }
}
