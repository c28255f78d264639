namespace Notary.Evidence.Forensics;

/// <summary>Whole lines of a chain that grows, and what they name. For whoever carries a recording from where it is made to where it is kept.</summary>
public static class SealedLines
{
    /// <summary>Whole lines of a chain's file from a byte on.</summary>
    /// <param name="path">Of the file; it may be written meanwhile.</param>
    /// <param name="offset">Where a line begins.</param>
    /// <param name="most">Bytes.</param>
    /// <param name="cancel">Stops.</param>
    /// <returns>Nothing when there is no whole line, or no file; null when the file ends before <paramref name="offset"/>: it is not the one that it
    /// was.</returns>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: a line that is longer than any.</exception>
    public static async Task<byte[]?> ReadAsync(string path, long offset, int most, CancellationToken cancel)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length < offset)
                return null;

            file.Position = offset;
            var buffer = new byte[most];
            var read = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
            var whole = buffer.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
            return whole > 0 || read < most ? buffer[..whole] : throw new FaultException(Fault.Malformed, "a line of the chain is longer than any");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return offset == 0 ? [] : null;
        }
    }

    /// <summary>The links of whole lines.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: a line is none.</exception>
    public static IEnumerable<LinkBody> Links(byte[] lines)
    {
        for (int from = 0, to; from < lines.Length; from = to + 1)
        {
            to = Array.IndexOf(lines, (byte)'\n', from);
            if (to < 0 || !ChainLine.TryRead(lines.AsSpan(from, to - from), out var link, out _))
                throw new FaultException(Fault.Malformed, "a line of the chain is none");

            yield return Link.Parse(link).Body;
        }
    }
}
