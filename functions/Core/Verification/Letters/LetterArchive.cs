using System.Buffers.Text;

namespace Notary.Verification.Letters;

/// <summary>
/// What makes a signed letter outlast its certificates (PAdES B-LTA, EN 319 142-1 §5.4 and §5.5): one incremental update with a document security store
/// and a document time-stamp over the whole file, first revision included.
/// </summary>
/// <remarks>
/// The update is derived from the first revision and from what is listed here, and from nothing else. Writer and verifier share <see cref="Update"/>:
/// what follows a first revision must be its bytes, so that no update can change a page, a fact or anything else that a viewer shows.
/// </remarks>
/// <param name="Certificates">Of the chains of the letter's signer and of the authorities, DER; for other verifiers, ours has them.</param>
/// <param name="Lists">Revocation lists of their issuers, DER.</param>
/// <param name="Tokens">SHA-256 of the deposit's time-stamp tokens (bare, DER), which the document time-stamp so covers too.</param>
public sealed record LetterArchive(
    IReadOnlyList<ReadOnlyMemory<byte>> Certificates, IReadOnlyList<ReadOnlyMemory<byte>> Lists, IReadOnlyList<Digest> Tokens)
{
    /// <summary>Bytes kept free for the document time-stamp: an honest token with its certificates has 1–10 KiB.</summary>
    public const int StampBytes = 12 * 1024;

    // Of each kind: twice what sixteen authorities could need; more is an attempt to make a verifier work.
    private const int MaxParts = 64;

    private const int ContentsLength = (2 * StampBytes) + 2;

    /// <summary>The letter with room for its document time-stamp, and where that goes.</summary>
    /// <param name="signed">A letter of one revision.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: it is not.</exception>
    public (byte[] File, SignatureSlot Slot) Append(ReadOnlyMemory<byte> signed)
    {
        var letter = LetterPdf.Open(signed);
        if (letter.Archive is not null || letter.Slot.IsEmpty(signed.Span))
            throw PdfObjects.Bad("only a signed letter of one revision is archived");

        var (update, slot) = Update(letter.Objects, signed.Length);
        return ([.. signed.Span, .. update], slot);
    }

    /// <summary>Reads what follows a first revision.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for anything that <see cref="Update"/> would not write.</exception>
    internal static (LetterArchive Archive, SignatureSlot Slot) Read(PdfObjects first, ReadOnlyMemory<byte> pdf, int length)
    {
        // Only values are picked up here; every byte is compared below.
        var tail = pdf[length..];
        var at = 0;
        var certificates = Between(tail, ref at, " /Certs ["u8).Count((byte)'R');
        var lists = Between(tail, ref at, " /CRLs ["u8).Count((byte)'R');
        var tokens = Between(tail, ref at, " /XXTokens ["u8);
        if (certificates > MaxParts || lists > MaxParts || tokens.Length > MaxParts * ((2 * Digest.Size) + 3))
            throw PdfObjects.Bad("its archive has too many parts");

        var digests = Encoding.ASCII.GetString(tokens).Split(['<', '>', ' '], StringSplitOptions.RemoveEmptyEntries);
        var streams = new List<ReadOnlyMemory<byte>>();
        while (streams.Count < certificates + lists)
            streams.Add(Stream(tail, ref at));

        var archive = new LetterArchive(streams[..certificates], streams[certificates..],
            [.. digests.Select(d => Digest.TryParse(d, out var digest) ? digest : throw PdfObjects.Bad("its archive lists what is no digest"))]);
        var (update, slot) = archive.Update(first, length);
        var (start, end) = (slot.Start + 1 - length, slot.End - 1 - length);
        return tail.Length == update.Length && tail.Span[..start].SequenceEqual(update.AsSpan(0, start)) && tail.Span[end..].SequenceEqual(update.AsSpan(end))
            ? (archive, slot)
            : throw PdfObjects.Bad("it has a later revision that is no archive of the first");
    }

    private (byte[] Bytes, SignatureSlot Slot) Update(PdfObjects first, int length)
    {
        var file = new MemoryStream();
        var offsets = new List<long>();
        var next = first.Count;
        var (store, field, stamp, parts) = (next, next + 1, next + 2, next + 3);

        // 1. The catalog again, with the store and one more field; every other word of it as it was.
        var (number, catalog) = first.Root();
        const string Fields = " /Fields [";
        var at = catalog.IndexOf(Fields, StringComparison.Ordinal);
        var end = catalog.IndexOf(']', at + 1);
        if (at < 0 || end < 0 || catalog.LastIndexOf(Fields, StringComparison.Ordinal) != at || !catalog.EndsWith(" >>", StringComparison.Ordinal))
            throw PdfObjects.Bad("its catalog is not one that can be archived");

        Open(number);
        Put($"{catalog[..end]} {field} 0 R{catalog[end..^3]} /DSS {store} 0 R >>\nendobj\n");

        // 2. The store (EN 319 142-1 §5.4.2), with a private entry for the tokens' digests (ISO 32000-1 annex E: third class).
        Open(store);
        Put($"<< /Type /DSS /Certs [{References(parts, Certificates.Count)}] /CRLs [{References(parts + Certificates.Count, Lists.Count)}]"
            + $" /XXTokens [{string.Join(' ', Tokens.Select(t => $"<{t}>"))}] >>\nendobj\n");
        foreach (var part in Certificates.Concat(Lists))
        {
            Open(parts++);
            Put($"<< /Length {part.Length} >>\nstream\n");
            file.Write(part.Span);
            Put("\nendstream\nendobj\n");
        }

        // 3. The time-stamp's field, which no page shows, and the time-stamp (§5.4.3).
        Open(field);
        Put($"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Timestamp1) /F 132 /Rect [0 0 0 0] /V {stamp} 0 R >>\nendobj\n");
        Open(stamp);
        Put("<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange [");
        var range = file.Length;
        Put("0000000000 0000000000 0000000000 0000000000] /Contents ");
        var contents = length + (int)file.Length;
        Put($"<{new string('0', ContentsLength - 2)}> >>\nendobj\n");

        // 4. Cross references (ISO 32000-1 §7.5.6), and the trailer with a way back.
        var start = length + file.Length;
        Put($"xref\n0 1\n0000000000 65535 f \n{number} 1\n{offsets[0]:D10} 00000 n \n{next} {offsets.Count - 1}\n");
        long[] inOrder = [offsets[1], offsets[^2], offsets[^1], .. offsets[2..^2]];
        foreach (var offset in inOrder)
            Put($"{offset:D10} 00000 n \n");

        Put($"trailer\n<< /Size {next + offsets.Count - 1}{first.TrailerRest()[..^3]} /Prev {first.Start} >>\nstartxref\n{start}\n%%EOF\n");

        var bytes = file.ToArray();
        var after = contents + ContentsLength;
        Encoding.ASCII.GetBytes($"{0:D10} {contents:D10} {after:D10} {length + bytes.Length - after:D10}", bytes.AsSpan((int)range));
        return (bytes, new SignatureSlot(contents, after));

        void Open(int of)
        {
            offsets.Add(length + file.Length);
            Put($"{of} 0 obj\n");
        }

        void Put(string text) => file.Write(Encoding.Latin1.GetBytes(text));
    }

    private static string References(int from, int count) => string.Join(' ', Enumerable.Range(from, count).Select(n => $"{n} 0 R"));

    private static ReadOnlySpan<byte> Between(ReadOnlyMemory<byte> tail, ref int at, ReadOnlySpan<byte> before)
    {
        var start = tail.Span[at..].IndexOf(before);
        var length = start < 0 ? -1 : tail.Span[(at + start)..].IndexOf((byte)']');
        if (length < before.Length)
            throw PdfObjects.Bad("its later revision has no security store");

        var found = tail.Span.Slice(at + start + before.Length, length - before.Length);
        at += start + length;
        return found;
    }

    private static ReadOnlyMemory<byte> Stream(ReadOnlyMemory<byte> tail, ref int at)
    {
        var key = "<< /Length "u8;
        var start = tail.Span[at..].IndexOf(key);
        if (start < 0 || !Utf8Parser.TryParse(tail.Span[(at + start + key.Length)..], out int length, out var digits))
            throw PdfObjects.Bad("its security store is cut");

        at += start + key.Length + digits + " >>\nstream\n".Length;
        if (length < 0 || at > tail.Length || length > tail.Length - at)
            throw PdfObjects.Bad("its security store is cut");

        at += length;
        return tail.Slice(at - length, length);
    }
}
