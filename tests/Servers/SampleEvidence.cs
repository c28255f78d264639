using Nethereum.Merkle.Patricia;
using Nethereum.Model;
using Nethereum.RLP;
using Notary.Chain;
using Notary.Evidence;
using Notary.Evidence.Ethereum;
using Notary.Letters;
using Notary.Verification;
using Notary.Verification.Letters;

namespace Notary.Servers;

/// <summary>What of a sample is not as it should be: times are added to the true ones.</summary>
public sealed record SampleShape
{
    public TimeSpan Received { get; init; }

    public TimeSpan Alpha { get; init; }

    public TimeSpan Beta { get; init; }

    public TimeSpan Block { get; init; }

    /// <summary>Of the letter's issue and of the stamp over its signature.</summary>
    public TimeSpan Letter { get; init; }

    public ChainHead? NotBefore { get; init; } = new(SampleEvidence.ChainId, 40, "0x" + new string('b', 64));

    /// <summary>Whether letters are archived: revocation lists under a document time-stamp.</summary>
    public bool Archived { get; init; } = true;

    /// <summary>Which authorities there are. A name that begins with alpha is the first one, whatever it is called.</summary>
    public IReadOnlyList<string> Authorities { get; init; } = ["alpha", "beta"];

    /// <summary>Name of the deposited file.</summary>
    public string Name { get; init; } = "合同 v2.pdf";

    /// <summary>Of a batch: how many items, and the root of their tree.</summary>
    public (long Count, Digest Root)? Batch { get; init; }

    /// <summary>What is deposited; null for <see cref="SampleEvidence.Original"/>.</summary>
    public byte[]? Content { get; init; }

    /// <summary>Whether it is a test deposit of a sandbox tenant.</summary>
    public bool Test { get; init; }

    /// <summary>Whether letter and trust are of the versions that did not say who stands behind them.</summary>
    public bool Earlier { get; init; }
}

/// <summary>One deposit's whole evidence, every part genuine, made without a platform: for those who test verifiers.</summary>
/// <remarks>The block is of no chain: its header, transaction and receipt are consistent with each other and nothing more.</remarks>
public sealed class SampleEvidence : IAsyncDisposable
{
    public const string Origin = "notary.example/log";
    public const long ChainId = 1337;
    public const string Contract = "0x00000000000000000000000000000000000e71de";

    /// <summary>How many entries the log has, and which of them is the sample: an odd place in an odd tree.</summary>
    public const int LogSize = 837;
    public const int Index = 513;

    private readonly List<TimestampAuthority> authorities = [];
    private readonly ECDsa logKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa letterKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private SampleEvidence()
    {
    }

    public static byte[] Original { get; } = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31))];

    public BundleContents Contents { get; private set; } = null!;

    public TrustRoots Trust => Contents.Trust;

    /// <summary>Makes evidence, received now.</summary>
    /// <param name="manifestTokens">Whether the authorities stamped the manifest too, as they do for every deposit.</param>
    /// <param name="shape">What is wrong; null for nothing.</param>
    public static async Task<SampleEvidence> CreateAsync(bool manifestTokens = true, SampleShape? shape = null)
    {
        var sample = new SampleEvidence();
        sample.authorities.Add(await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "alpha" }));
        sample.authorities.Add(await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "beta" }));
        await sample.MakeAsync(manifestTokens, shape ?? new SampleShape());
        return sample;
    }

    /// <summary>Another deposit's evidence under the same trust, in the place of this one's.</summary>
    public Task RemakeAsync(SampleShape shape) => MakeAsync(manifestTokens: true, shape);

    /// <summary>The bundle's bytes, with the original in it or without.</summary>
    /// <param name="withOriginal">Whether it is in it.</param>
    /// <param name="contents">Others than the sample's.</param>
    /// <param name="withCrc">Whether its checksum is known beforehand, as of all originals but those of earlier releases.</param>
    public async Task<byte[]> BundleAsync(bool withOriginal = true, BundleContents? contents = null, bool withCrc = true)
    {
        using var zip = new MemoryStream();
        var what = contents ?? Contents;
        await BundleWriter.WriteAsync(zip, withOriginal
            ? what with { Originals = [new BundleOriginal(0, Original.Length, _ => Task.FromResult<Stream>(new MemoryStream(Original)),
                withCrc ? System.IO.Hashing.Crc32.HashToUInt32(Original) : null)] } : what, default);
        return zip.ToArray();
    }

    /// <summary>A genuine token over anything, by the first authority.</summary>
    public byte[] Stamp(Digest imprint) => Stamp(authorities[0], imprint);

    /// <summary>A genuine token by an authority whose clock is off.</summary>
    public byte[] Stamp(string authority, Digest imprint, TimeSpan offset = default)
    {
        var signer = authorities[authority == "alpha" ? 0 : 1];
        signer.TimeOffset = offset;
        try
        {
            return Stamp(signer, imprint);
        }
        finally
        {
            signer.TimeOffset = TimeSpan.Zero;
        }
    }

    /// <summary>What a letter states of these tokens.</summary>
    public static IReadOnlyList<LetterTime> Times(BundleContents contents)
        => [.. contents.Tokens.Select(t => Time(t, contents.Trust, TokenImprint(t.Token)))];

    /// <summary>A genuine checkpoint note over anything.</summary>
    public string SignNote(string body)
    {
        var spki = logKey.ExportSubjectPublicKeyInfo();
        return SignedNote.Format(body, Origin, SignedNote.KeyId(Origin, spki), SignedNote.FromP1363(logKey.SignHash(SignedNote.SigningDigest(body).ToArray())));
    }

    /// <summary>The same facts as the first version of letters stated them.</summary>
    public static LetterFacts FirstVersion(LetterFacts facts) => facts with
    {
        Parties = null,
        Number = LetterFacts.NumberOf(facts.ReceivedAt, null, facts.LogIndex),
        Times = [.. facts.Times.Select(t => t with { By = null })],
    };

    /// <summary>A genuine letter that states other facts.</summary>
    public Task<byte[]> LetterAsync(Func<LetterFacts, LetterFacts> change) => signPdf(LetterRenderer.Render(change(facts)), null, null);

    /// <summary>A genuine certificate of a draw.</summary>
    public Task<byte[]> CertificateAsync(Verification.Certificates.CertificateFacts facts) => signPdf(LetterRenderer.Render(facts), null, null);

    /// <summary>A genuine letter, and its archive, about this evidence's tokens.</summary>
    public Task<byte[]> LetterAsync(BundleContents about)
        => signPdf(LetterRenderer.Render(facts with { Times = Times(about) }), null, about.Tokens);

    /// <summary>The letter's first revision with another archive, genuinely stamped.</summary>
    public async Task<byte[]> ArchivedAsync(Func<LetterArchive, LetterArchive> change)
    {
        var signed = Contents.Letter.ToArray();
        if (signed.AsSpan().IndexOf("\n%%EOF\n"u8) is var end && end + 7 < signed.Length)
            signed = signed[..(end + 7)];

        return await ArchiveAsync(signed, change(Material(Contents.Tokens, Contents.Trust, LetterCertificate)));
    }

    /// <summary>Who revokes: the letters' authority, and the time-stamp authorities in their order.</summary>
    public TestRevocations LetterRevocations => new(letterRoot);

    public IReadOnlyList<TimestampAuthority> Authorities => authorities;

    public X509Certificate2 LetterCertificate { get; private set; } = null!;

    /// <summary>A genuinely signed letter whose pages show other facts than those attached to it. Both must be of one length as JSON.</summary>
    public async Task<byte[]> LetterShowingAsync(Func<LetterFacts, LetterFacts> change)
    {
        var other = change(facts);
        var (stated, shown, pdf) = (facts.ToJson(), other.ToJson(), LetterRenderer.Render(other));
        var at = pdf.AsSpan().IndexOf(shown);
        if (stated.Length != shown.Length || at < 0)
            throw new InvalidOperationException("the facts are not of one length");

        stated.CopyTo(pdf, at);
        return await signPdf(pdf, null, null);
    }

    /// <summary>The letter signed by the holder of another certificate under the letter root.</summary>
    public async Task<byte[]> LetterByAsync(Func<X509Certificate2, ReadOnlyMemory<byte>, X509Certificate2> issue)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = issue(letterRoot, key.ExportSubjectPublicKeyInfo());
        return await signPdf(LetterRenderer.Render(facts), (certificate, key), null);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var authority in authorities)
            await authority.DisposeAsync();

        logKey.Dispose();
        letterKey.Dispose();
        letterRoot.Dispose();
    }

    public const string SignerName = "Letter Signer";

    public static LetterParties Parties { get; } = new("示范", "示范市示范路 1 号", "示范平台有限公司", "示范存证链", "示范链运营有限公司");

    private readonly X509Certificate2 letterRoot = TestCertificates.CreateRoot("Letter Root CA");
    private LetterFacts facts = null!;
    private TimestampAuthority archivist = null!;
    private Func<byte[], (X509Certificate2 Certificate, ECDsa Key)?, IReadOnlyList<BundleToken>?, Task<byte[]>> signPdf = null!;

    private async Task MakeAsync(bool manifestTokens, SampleShape shape)
    {
        var (clock, content) = (TimeProvider.System, shape.Content ?? Original);
        var manifest = new Manifest(
            DepositId.New(clock), "file", "did:web:firm.example", clock.GetUtcNow() + shape.Received, RandomNumberGenerator.GetBytes(32),
            [ManifestItem.Of(shape.Name, content.Length, "application/pdf", Digest.Of(content))],
            shape.NotBefore, null, new Dictionary<string, string> { ["contractNo"] = "A-17" })
        { Test = shape.Test };
        if (shape.Batch is { } batch)
            manifest = manifest with { Kind = Notary.Evidence.Batches.BatchFormat.Kind, ItemCount = batch.Count, ItemsRoot = batch.Root };

        var bytes = manifest.ToBytes();

        // The log.
        var entries = Enumerable.Range(0, LogSize).Select(i => i == Index ? Digest.Of(bytes) : Digest.Of(BitConverter.GetBytes(i))).ToArray();
        var leaves = Merkle.LeafHashes(entries);
        var checkpoint = new Checkpoint(Origin, LogSize, Merkle.Root(leaves));
        var proof = new TlogProof(Index, Merkle.InclusionProof(Index, leaves), SignNote(checkpoint.ToBody()), null);

        // The time.
        (authorities[0].TimeOffset, authorities[1].TimeOffset) = (shape.Alpha, shape.Beta);
        TimestampAuthority Who(string name) => authorities[name.StartsWith("alpha", StringComparison.Ordinal) ? 0 : 1];
        var note = Digest.Of(System.Text.Encoding.UTF8.GetBytes(proof.CheckpointNote));
        var tokens = shape.Authorities.Select(a => new BundleToken(a, TokenOver.Checkpoint, Stamp(Who(a), note))).ToList();
        if (manifestTokens)
            tokens.AddRange(shape.Authorities.Select(a => new BundleToken(a, TokenOver.Manifest, Stamp(Who(a), Digest.Of(bytes)))));

        // The chain, the letter, the trust.
        var anchor = await AnchorAsync(checkpoint, clock.GetUtcNow() + shape.Block);
        var signer = LetterCertificate = TestCertificates.IssueLetterSigner(letterRoot, letterKey.ExportSubjectPublicKeyInfo(), SignerName);
        var trust = new TrustRoots
        {
            Origin = Origin,
            LogKeySpki = logKey.ExportSubjectPublicKeyInfo(),
            Authorities = [.. shape.Authorities.Select(a => new TrustedAuthority(a, [Who(a).Root], Who(a).PolicyOid)
            {
                LegalName = shape.Earlier ? null : $"Model Authority {a}",
            })],
            LetterRoots = [X509CertificateLoader.LoadCertificate(letterRoot.RawData)],
            Issuer = LetterIssuer.Of(signer, new LetterOffice("公证处", "Notary Office"), shape.Earlier ? null : Parties.ShortName),
            ChainId = ChainId,
            Contract = Contract,
        };
        authorities[0].TimeOffset = authorities[1].TimeOffset = shape.Letter;
        archivist = Who(shape.Authorities[^1]);
        signPdf = async (pdf, by, others) =>
        {
            var letter = await new LetterSigner([by?.Certificate ?? signer], (d, _) => Task.FromResult((by?.Key ?? letterKey).SignHash(d.Span)),
                (d, _) => Task.FromResult(Stamp(authorities[0], d))).SignAsync(pdf);
            return shape.Archived ? await ArchiveAsync(letter, Material(others ?? tokens, trust, by?.Certificate ?? signer)) : letter;
        };
        facts = Facts(manifest, tokens, trust, checkpoint, anchor, clock.GetUtcNow() + shape.Letter);
        Contents = new BundleContents(bytes, proof, tokens, anchor, await signPdf(LetterRenderer.Render(facts), null, null), trust, []);
    }

    private LetterArchive Material(IReadOnlyList<BundleToken> tokens, TrustRoots trust, X509Certificate2 signer)
    {
        var signing = authorities.Where(a => trust.Authorities.Any(t => t.Roots.Any(r => r.Equals(a.Root)))).ToList();
        return new LetterArchive(
            [signer.RawData, letterRoot.RawData, .. signing.SelectMany(a => new ReadOnlyMemory<byte>[] { a.Certificate.RawData, a.Root.RawData })],
            [LetterRevocations.List(), .. signing.Select(a => (ReadOnlyMemory<byte>)a.Revocations.List())],
            [.. tokens.Select(t => Digest.Of(t.Token.Span))]);
    }

    private Task<byte[]> ArchiveAsync(byte[] letter, LetterArchive archive)
        => LetterArchivist.ArchiveAsync(letter, archive, (d, _) => Task.FromResult(Stamp(archivist, d)));

    private static LetterFacts Facts(Manifest m, List<BundleToken> tokens, TrustRoots trust, Checkpoint checkpoint, AnchorProof anchor, DateTimeOffset now)
        => new(
        m.Id, LetterFacts.NumberOf(m.ReceivedAt, trust.Issuer!.ShortName, Index), m.Depositor, "Firm Example", m.ReceivedAt, m.Kind, m.Items,
        m.ToDigest(), m.Notes,
        [.. tokens.Select(t => Time(t, trust, t.Over == TokenOver.Manifest ? m.ToDigest() : null))],
        Origin, Index, LogSize, checkpoint.Root, ChainId, Contract, anchor.TransactionHash, anchor.Block, anchor.BlockHash, anchor.BlockTime,
        new Uri("https://notary.example" + LetterFacts.VerifyPath(m.ToDigest(), Index)), now)
        { Parties = trust.Issuer.ShortName is null ? null : Parties, Test = m.Test };

    private static LetterTime Time(BundleToken token, TrustRoots trust, Digest? imprint)
    {
        var authority = trust.Authorities.Single(a => a.Name == token.Authority);
        var verifier = new TokenVerifier(authority.Roots, authority.PolicyOid);
        var check = verifier.Check(token.Token, imprint ?? TokenImprint(token.Token));
        return LetterTime.Of(token.Authority, token.Over, check, authority.LegalName);
    }

    // Only for tokens made here a moment ago: what the token itself says it is over.
    private static Digest TokenImprint(ReadOnlyMemory<byte> token)
    {
        System.Security.Cryptography.Pkcs.Rfc3161TimestampToken.TryDecode(token, out var decoded, out _);
        return new Digest(decoded!.TokenInfo.GetMessageHash().Span);
    }

    private static byte[] Stamp(TimestampAuthority authority, Digest imprint)
    {
        var query = System.Security.Cryptography.Pkcs.Rfc3161TimestampRequest.CreateFromHash(
            imprint.ToArray(), HashAlgorithmName.SHA256, requestSignerCertificates: true, nonce: RandomNumberGenerator.GetBytes(8)).Encode();
        return TokenResponse.TryParse(authority.Answer(query), out var response, out var why) && response.Token is { } token
            ? token.ToArray()
            : throw new InvalidOperationException(why);
    }

    private static async Task<AnchorProof> AnchorAsync(Checkpoint checkpoint, DateTimeOffset now)
    {
        const long Block = 42;
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var sender = ChainSigner.FromSpki(key.ExportSubjectPublicKeyInfo(), (hash, _) => Task.FromResult(key.SignHash(hash.Span)));
        var data = ContractArtifact.EvidenceAnchor.Call("anchor", checkpoint.Size, checkpoint.Root);
        var signed = await sender.SignAsync(new Transaction1559(ChainId, 0, 1, 100, 100_000, Contract, 0, Hex.Of(data), []));
        byte[] size = data[4..36], root = checkpoint.Root.ToArray();
        var log = Log.Create([.. root, .. new byte[12], .. sender.Address.ToArray()], Contract, AnchorContract.AnchoredTopic, size);
        var receipt = Nethereum.Model.Receipt.CreateStatusReceipt(true, 50_000, new byte[256], [log]);
        var (transactions, receipts) = (TrieOf(signed), TrieOf(ReceiptEncoder.Current.EncodeTyped(receipt, 2)));
        var time = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + 1);
        var header = RLP.EncodeDataItemsAsElementOrListAndCombineAsList(
        [
            new byte[32], Hash(RLP.EncodeList()), new byte[20], new byte[32], transactions.GetHash(), receipts.GetHash(), new byte[256],
            [], Block.ToBytesForRLPEncoding(), 30_000_000.ToBytesForRLPEncoding(),
            50_000.ToBytesForRLPEncoding(), time.ToUnixTimeSeconds().ToBytesForRLPEncoding(),
            [], new byte[32], new byte[8], [7],
        ]);
        return new AnchorProof(
            ChainId, Contract, checkpoint.Size, checkpoint.Root, Hex.Of(Hash(signed)), signed, Block, Hex.Of(Hash(header)), time, header, 0,
            [transactions.GetRLPEncodedData()], [receipts.GetRLPEncodedData()], 0);
    }

    private static byte[] Hash(byte[] bytes) => Nethereum.Util.Sha3Keccack.Current.CalculateHash(bytes);

    /// <summary>The only node of the trie of a block's only item.</summary>
    private static Node TrieOf(byte[] item)
    {
        var trie = new PatriciaTrie();
        trie.Put(RLP.EncodeElement([]), item);
        return trie.Root;
    }
}
