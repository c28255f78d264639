using Notary.Forensics.Agents;

namespace Notary.Forensics.Desktops;

/// <summary>Brings what a desktop of this machine has sealed to where recordings are kept: the files that a link names, then the link. What was brought
/// before, by whatever process, is not brought again.</summary>
internal sealed class SealedFolder(DepositId session, string folder, RecordingStore store)
{
    /// <summary>Bytes of lines at once: a link is no more than half of it.</summary>
    private const int MaxLines = 512 * 1024;

    private readonly HashSet<string> brought = new(StringComparer.Ordinal);
    private long? offset;

    /// <summary>Brings what there is.</summary>
    /// <returns>False: what it has brought before, or what a link names, is not in the folder any more.</returns>
    /// <exception cref="FaultException">Malformed, TooLarge, Conflict: it is no recording; StorageUnavailable; what the vault's key throws.</exception>
    public async Task<bool> BringAsync(CancellationToken cancel)
    {
        var at = offset ??= await store.BytesAsync(session, cancel).ConfigureAwait(false);
        for (; ; offset = at)
        {
            if (await SealedLines.ReadAsync(Path.Combine(folder, ForensicsFormat.ChainFile), at, MaxLines, cancel).ConfigureAwait(false) is not { } lines)
                return false;

            if (lines.Length == 0)
                return true;

            foreach (var name in SealedLines.Links(lines).SelectMany(LinkFiles.Of).Where(name => !brought.Contains(name)))
            {
                if (!await PutAsync(name, cancel).ConfigureAwait(false))
                    return false;

                brought.Add(name);
            }

            await store.AppendAsync(session, at, lines, cancel).ConfigureAwait(false);
            at += lines.Length;
        }
    }

    private async Task<bool> PutAsync(string name, CancellationToken cancel)
    {
        // A link that names anything else would have any file of this machine read.
        var most = RecordingNames.BoundOf(name) ?? throw new FaultException(Fault.Malformed, "a link names what no recording holds");
        var info = new FileInfo(Path.Combine(folder, name));
        if (!info.Exists || info.LinkTarget is not null)
            return false;

        try
        {
            await using var file = new FileStream(info.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > most)
                throw new FaultException(Fault.TooLarge, $"{name} has at most {most} bytes");

            var digest = new Digest(await SHA256.HashDataAsync(file, cancel).ConfigureAwait(false));
            file.Position = 0;
            await store.PutAsync(session, name, file, digest, cancel).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
