using System.Security.Cryptography;
using Notary.Evidence;
using Notary.Storage;
using Notary.Verification;

namespace Notary.Cli;

/// <summary>Each deposit against the log: its manifest, its one leaf, its tokens, and the rows beside it.</summary>
internal sealed class DepositAudit(TrustRoots trust, Findings findings)
{
    private readonly Dictionary<string, TokenVerifier> authorities = trust.Authorities.ToDictionary(a => a.Name, a => new TokenVerifier(a.Roots, a.PolicyOid), StringComparer.Ordinal);

    /// <summary>Returns the manifests that could be read, by row.</summary>
    public Dictionary<DepositRecord, (Manifest Manifest, Digest Digest)> Run(RawRows rows, PlainTree? tree, Func<long, Digest> entry)
    {
        var manifests = new Dictionary<DepositRecord, (Manifest, Digest)>();
        var owners = new Dictionary<long, string>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in rows.Deposits)
        {
            findings.Count("deposits");
            var digest = new Digest(SHA256.HashData(row.Manifest));
            Manifest manifest;
            try
            {
                manifest = Manifest.Parse(row.Manifest);
            }
            catch (FaultException e)
            {
                findings.Add("I1", row.Where, "manifest-malformed", e.Message);
                continue;
            }

            manifests.Add(row, (manifest, digest));
            if (!row.KeyAgrees || row.Leaf != digest.ToString() || manifest.Id.ToString() != row.Id || !ids.Add(row.Id))
            {
                findings.Add("I1", row.Where, "deposit-row", "tenant, id or digest of the row disagree with its key or its manifest, or the id is there twice");
            }

            Place(rows, row, digest, tree, entry, owners);
            foreach (var (authority, token) in row.Tokens)
            {
                findings.Count("tokens");
                LogAudit.JudgeToken(findings, authorities, row.Where, authority, token, digest, manifest.ReceivedAt);
            }

            Beside(rows, row, manifest);
        }

        for (long i = 0; i < (tree?.Size ?? 0); i++)
        {
            if (!owners.ContainsKey(i))
            {
                findings.Add("I2", $"log entry {i}", "leaf-without-deposit", "no deposit owns this entry");
            }
        }

        Orphans(rows, ids);
        return manifests;
    }

    private void Place(RawRows rows, DepositRecord row, Digest digest, PlainTree? tree, Func<long, Digest> entry, Dictionary<long, string> owners)
    {
        var partition = row.Where.Split('/')[1];
        var pending = rows.Others.ContainsKey((partition, $"p|{row.Id}"));
        if (row.Index is not { } index)
        {
            if (!pending && row.Fault is null)
            {
                findings.Add("I8", row.Where, "never-sequenced", "the deposit has no index and does not wait for one");
            }

            return;
        }

        if (pending)
        {
            findings.Add("I2", row.Where, "still-pending", "the deposit has an index and still waits for one");
        }

        if (tree is null)
        {
            return;
        }

        if (index < 0 || index >= tree.Size || entry(index) != digest)
        {
            findings.Add("I2", row.Where, "leaf-differs", $"entry {index} of the log is not this deposit's manifest");
        }
        else if (!owners.TryAdd(index, row.Where))
        {
            findings.Add("I2", row.Where, "leaf-shared", $"entry {index} belongs to {owners[index]} too");
        }
    }

    /// <summary>The index by digest has a row for every item.</summary>
    private void Beside(RawRows rows, DepositRecord row, Manifest manifest)
    {
        var partition = row.Where.Split('/')[1];
        foreach (var item in manifest.Items)
        {
            if (!rows.Others.ContainsKey((partition, $"x|{row.Tenant}|{item.Digests["sha-256"]}|{row.Id}")))
            {
                findings.Add("I1", row.Where, "index-missing", "the deposit cannot be found by an item's digest");
            }
        }
    }

    private void Orphans(RawRows rows, HashSet<string> ids)
    {
        foreach (var ((partition, key), entity) in rows.Others)
        {
            var where = $"{Names.Deposits}/{partition}/{key}";
            if (key.StartsWith("p|", StringComparison.Ordinal) && !ids.Contains(key[2..]))
            {
                findings.Add("I8", where, "pending-orphan", "this waits for the log and is no deposit");
            }
            else if (key.StartsWith("i|", StringComparison.Ordinal) && entity.GetString("Id") is var id && !ids.Contains(id ?? "")
                && !rows.Others.ContainsKey((partition, $"u|{key.Split('|')[1]}|{id}")))
            {
                findings.Add("I3", where, "idempotency-orphan", "this idempotency key belongs to no deposit and no upload");
            }
        }
    }
}
