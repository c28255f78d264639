namespace Notary.Evidence.Ethereum;

/// <summary>A party of a draw as the registry holds it.</summary>
/// <param name="Account">Who committed.</param>
/// <param name="Commitment">With what.</param>
/// <param name="Secret">Null when it was not revealed in time.</param>
public sealed record RegisteredParty(Address Account, Digest Commitment, Digest? Secret);

/// <summary>A draw as the registry holds it; the numbers are the contract's.</summary>
/// <param name="Commitment">SHA-256 of the draw's canonical description.</param>
/// <param name="Publisher">Who published it.</param>
/// <param name="State">1 published, 2 seeded, 3 finished, 4 aborted.</param>
/// <param name="Kind">1 draw, 2 rehearsal.</param>
/// <param name="Source">1 drand, 2 block.</param>
/// <param name="CommitDeadline">The last block for commits.</param>
/// <param name="RevealDeadline">The last block for reveals.</param>
/// <param name="Number">The drand round, or blocks after the reveal deadline.</param>
/// <param name="Parties">In the order of their commits.</param>
/// <param name="Beacon">Null before the seed stands.</param>
/// <param name="Seed">Null before it stands.</param>
/// <param name="Outcome">When finished the result's digest, when aborted the reason's.</param>
/// <param name="Known">Aborted when the beacon could be known.</param>
public sealed record RegisteredDraw(
    Digest Commitment, Address Publisher, int State, int Kind, int Source, long CommitDeadline, long RevealDeadline, long Number,
    IReadOnlyList<RegisteredParty> Parties, Digest? Beacon, Digest? Seed, Digest? Outcome, bool Known);

/// <summary>The ABI of <c>DrawRegistry.sol</c> (Solidity contract ABI specification): the questions by which a draw is judged.</summary>
public static class DrawContract
{
    private const int Word = 32;
    private const int DrawWords = 14;
    private const int PartyWords = 4;

    // Before it stand the enumerations and counts, of one byte each.
    private const int FirstBlock = 11;

    // The contract's own bound.
    private const int MaxParties = 64;

    /// <summary>SHA-256 of the code at a registry's address: it takes no arguments into its code, so all registries have this one.</summary>
    public static Digest Code { get; } = Digest.Parse("bb09ed0c18155b84a65ae863e20c89029edf8d4da15261f65d16345330ce08f9");

    /// <summary><c>drawOf(bytes32)</c>.</summary>
    public static byte[] EncodeDrawOf(Digest drawId) => [.. Selector("drawOf(bytes32)"u8), .. drawId.ToArray()];

    /// <summary><c>partiesOf(bytes32)</c>.</summary>
    public static byte[] EncodePartiesOf(Digest drawId) => [.. Selector("partiesOf(bytes32)"u8), .. drawId.ToArray()];

    /// <summary><c>chainHash()</c>: the drand chain whose rounds the registry verifies.</summary>
    public static byte[] EncodeChainHash() => Selector("chainHash()"u8);

    /// <summary><c>margin()</c>: seconds by which a block's time lies before the round's for a reveal in it to count.</summary>
    public static byte[] EncodeMargin() => Selector("margin()"u8);

    /// <summary><c>commit(bytes32,bytes32)</c>: takes part.</summary>
    public static byte[] EncodeCommit(Digest drawId, Digest commitment)
        => [.. Selector("commit(bytes32,bytes32)"u8), .. drawId.ToArray(), .. commitment.ToArray()];

    /// <summary><c>reveal(bytes32,bytes32)</c>: tells the secret.</summary>
    public static byte[] EncodeReveal(Digest drawId, Digest secret) => [.. Selector("reveal(bytes32,bytes32)"u8), .. drawId.ToArray(), .. secret.ToArray()];

    /// <summary>Topic of the event <c>SeedFixed</c>; the next one is the draw's id.</summary>
    public static byte[] SeedFixed { get; } = Keccak256.Hash("SeedFixed(bytes32,uint8,bytes32,bytes32,bytes)"u8);

    /// <summary>Reads the drand signature, x and y, from the data of <c>SeedFixed</c>.</summary>
    public static bool TrySignature(ReadOnlySpan<byte> data, out byte[] signature)
    {
        // Source, beacon, seed, the offset of the bytes; their length; three whole words.
        signature = data.Length == 8 * Word && TryNumber(data.Slice(3 * Word, Word), out var offset) && offset == 4 * Word
            && TryNumber(data.Slice(4 * Word, Word), out var length) && length == 3 * Word ? data[(5 * Word)..].ToArray() : [];
        return signature.Length > 0;
    }

    /// <summary>Reads the two answers about a draw.</summary>
    /// <param name="draw">Null when there is no such draw.</param>
    /// <returns>False when they are none.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> drawOf, ReadOnlySpan<byte> partiesOf, out RegisteredDraw? draw)
    {
        draw = null;
        var numbers = new long[DrawWords];
        if (drawOf.Length != DrawWords * Word || !TryParties(partiesOf, out var parties) || !TryAddress(drawOf.Slice(4 * Word, Word), out var publisher))
            return false;

        for (var i = 5; i < DrawWords; i++)
        {
            if (!TryNumber(drawOf.Slice(i * Word, Word), out numbers[i]) || (i < FirstBlock && numbers[i] > byte.MaxValue))
                return false;
        }

        if (numbers[5] != 0)
        {
            draw = new RegisteredDraw(new Digest(drawOf[..Word]), publisher, (int)numbers[5], (int)numbers[6], (int)numbers[7], numbers[11], numbers[12],
                numbers[13], parties, Set(drawOf.Slice(Word, Word)), Set(drawOf.Slice(2 * Word, Word)), Set(drawOf.Slice(3 * Word, Word)), numbers[10] == 1);
        }

        return true;
    }

    /// <summary>Reads a number of at most 63 bits.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> word, out long value)
    {
        value = 0;
        if (word.Length != Word || word[..(Word - 8)].ContainsAnyExcept((byte)0))
            return false;

        value = BinaryPrimitives.ReadInt64BigEndian(word[(Word - 8)..]);
        return value >= 0;
    }

    private static bool TryParties(ReadOnlySpan<byte> answer, out IReadOnlyList<RegisteredParty> parties)
    {
        parties = [];
        if (answer.Length < 2 * Word || !TryNumber(answer[..Word], out var offset) || offset != Word
            || !TryNumber(answer.Slice(Word, Word), out var count) || count > MaxParties || answer.Length != (2 + (count * PartyWords)) * Word)
        {
            return false;
        }

        var read = new List<RegisteredParty>();
        for (var rest = answer[(2 * Word)..]; !rest.IsEmpty; rest = rest[(PartyWords * Word)..])
        {
            if (!TryAddress(rest[..Word], out var account) || !TryNumber(rest.Slice(Word, Word), out var revealed) || revealed > 1)
                return false;

            read.Add(new RegisteredParty(account, new Digest(rest.Slice(2 * Word, Word)), revealed == 1 ? new Digest(rest.Slice(3 * Word, Word)) : null));
        }

        parties = read;
        return true;
    }

    private static bool TryAddress(ReadOnlySpan<byte> word, out Address address)
    {
        address = new Address(word[(Word - Address.Size)..]);
        return !word[..(Word - Address.Size)].ContainsAnyExcept((byte)0);
    }

    private static Digest? Set(ReadOnlySpan<byte> word) => word.ContainsAnyExcept((byte)0) ? new Digest(word) : null;

    private static byte[] Selector(ReadOnlySpan<byte> signature) => Keccak256.Hash(signature)[..4];
}
