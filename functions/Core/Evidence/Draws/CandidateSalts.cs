namespace Notary.Evidence.Draws;

/// <summary>A candidate's id as the list has it once normalised, and his own salt.</summary>
public readonly record struct CandidateSalt(string Id, Digest Salt);

/// <summary>Every candidate's salt, in the list's order, for whoever holds list and secret. Holds one block of the list at a time.</summary>
public static class CandidateSalts
{
    /// <param name="input">Read to its end.</param>
    /// <param name="format">CSV or NDJSON.</param>
    /// <param name="encoding">Null for UTF-8; never guessed.</param>
    /// <param name="secret">The list's own.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ListRefusedException">Rows are refused; told when all others were given. Groups and repeated ids are not looked at.</exception>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: the list as a whole is.</exception>
    public static async IAsyncEnumerable<CandidateSalt> ReadAsync(
        Stream input, ListFormat format, Encoding? encoding, ListSecret secret, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var decoded = ListImport.Decoded(input, encoding);
        var blocks = new RowBlocks(decoded ?? input, format == ListFormat.Csv);
        var (ids, refusals, refused) = (new List<string>(), new List<ListRefusal>(), 0L);
        CandidateReader? reader = null;
        while (await blocks.NextAsync(cancel) is { } block)
        {
            if (reader is null)
            {
                (block, var columns) = ListImport.Begin(block, format);
                reader = new CandidateReader(columns, groups: null, secret, ShaMany.Widest) { Ids = ids };
            }

            ids.Clear();
            var chunk = ListImport.Read(block, reader);
            refusals.AddRange(chunk.Refusals.Take(ListRefusedException.MostTold - refusals.Count));
            refused += chunk.Refused;
            foreach (var id in ids)
                yield return new CandidateSalt(id, secret.Salt(id));
        }

        if (blocks.EndlessLine > 0)
            (refusals, refused) = ([.. refusals, new ListRefusal(blocks.EndlessLine, Codes.RowLong)], refused + 1);

        if (refused > 0)
            throw new ListRefusedException(refusals, refused);
    }
}
