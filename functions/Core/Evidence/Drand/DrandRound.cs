namespace Notary.Evidence.Drand;

/// <summary>What a drand chain published for one round, well-formed but not yet verified: that takes a pairing.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Signature">Compressed, 48 bytes.</param>
/// <param name="Point">The same as x and y, 48 bytes each, as <c>DrawRegistry</c> takes it.</param>
/// <param name="Randomness">SHA-256 of the signature: the beacon's value.</param>
public sealed record DrandRound(long Round, byte[] Signature, byte[] Point, Digest Randomness)
{
    /// <summary>The scheme's tag for RFC 9380's hash to the curve.</summary>
    public static ReadOnlySpan<byte> Tag => "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"u8;

    /// <summary>What the chain signs for this round: SHA-256 of its number in eight bytes.</summary>
    public byte[] Message
    {
        get
        {
            Span<byte> number = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(number, Round);
            return SHA256.HashData(number);
        }
    }

    /// <summary>From a signature that came with the evidence.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when it is no point of the curve in its one compressed spelling.</exception>
    public static DrandRound Create(long round, byte[] signature)
        => round is > 0 and <= DrandChain.MaxRound && Bls381.TryExpandG1(signature, out var point)
            ? new DrandRound(round, signature, point, Digest.Of(signature))
            : throw Malformed(round);

    /// <summary>From x and y, as <c>DrawRegistry</c> logs them.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when they are no point of the curve.</exception>
    public static DrandRound OfPoint(long round, byte[] point)
        => point.Length == 2 * Bls381.FieldSize && Bls381.TryCompressG1(point, out var signature) ? Create(round, signature) : throw Malformed(round);

    /// <summary>Reads what a drand node answers under <c>/public/{round}</c>.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> also when it is another round, or its randomness is not its signature's.</exception>
    public static DrandRound Parse(ReadOnlySpan<byte> json, long round)
    {
        try
        {
            var answer = JsonSerializer.Deserialize<JsonElement>(json);
            var read = Create(answer.GetProperty("round").GetInt64(), Convert.FromHexString(answer.GetProperty("signature").GetString() ?? ""));
            return read.Round == round && answer.GetProperty("randomness").GetString() == read.Randomness.ToString() ? read : throw Malformed(round);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw Malformed(round);
        }
    }

    private static FaultException Malformed(long round) => new(Fault.Malformed, $"what was said of drand's round {round} is no signature of that round");
}
