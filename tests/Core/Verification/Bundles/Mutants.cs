using Notary.Evidence.Ethereum;

namespace Notary.Verification.Tests;

/// <summary>Bundles of a forger who has read everything: each is genuine but for one thing, its VERIFY.txt lists what is there, and where the
/// forger can sign, everything else says the same. Each is judged by its own trust.json, but those of kind <see cref="Replaced"/>.</summary>
internal sealed class Mutants(SampleEvidence sample, SampleEvidence other, Random random)
{
    private readonly BundleContents c = sample.Contents;

    // What the recipe's tools cannot judge, and the words under which it says so.
    private static readonly Dictionary<string, string> NotJudged = new()
    {
        ["anchor-hashes"] = "the hashes, trie proofs and signature in anchor.json",
        ["letter-pages"] = "the pages of the letter against the facts in it",
    };

    /// <summary>The words under which the recipe says that it does not judge what the command refused; null when it has to judge it.</summary>
    /// <remarks>A byte of a token that nothing signs, such as a version or a tag, is read by openssl as what it should have been.</remarks>
    public static string? WhyUnjudged(string kind, BundleReport report)
    {
        var faults = report.Verdicts.Where(v => v.Mark == Mark.Fail).ToList();
        return NotJudged.GetValueOrDefault(kind) ?? (kind == "byte" && faults.Exists(f => f.Code == TokenCodes.Malformed)
            && faults.TrueForAll(f => f.Code is TokenCodes.Malformed or "letter-facts") ? "forms of letter, certificates and tokens" : null);
    }

    /// <summary>Whole bundles of somebody else: judged by the trust file that the reader has.</summary>
    public const string Replaced = "trust-replaced";

    /// <summary>The kinds, and how many of each a run makes.</summary>
    public IReadOnlyList<(string Kind, int Count, Func<Task<Dictionary<string, byte[]>>> Make)> Kinds =>
    [
        ("byte", 60, () => Task.FromResult(Changed(bytes => bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8))))),
        ("cut", 14, () => Task.FromResult(Resized())),
        ("missing", 10, () => Task.FromResult(Missing())),
        ("further", 6, () => Task.FromResult(Further())),
        ("manifest", 14, ManifestAsync),
        ("proof", 12, () => Task.FromResult(Files(c with { Inclusion = Proof() }))),
        ("checkpoint", 10, () => Task.FromResult(Files(c with { Inclusion = c.Inclusion with { CheckpointNote = Note() } }))),
        ("token", 20, () => Task.FromResult(Files(c with { Tokens = Tokens() }))),
        ("token-time", 12, TokenTimeAsync),
        ("anchor", 16, AnchorAsync),
        ("anchor-hashes", 10, AnchorHashesAsync),
        ("anchor-json", 8, () => Task.FromResult(AnchorJson())),
        ("letter-facts", 42, async () => Files(c with { Letter = await sample.LetterAsync(Misstated) })),
        ("letter-claims", 4, async () => Files(c with { Letter = await sample.LetterAsync(Misclaimed) })),
        ("letter-earlier", 12, EarlierAsync),
        ("letter-pages", 4, async () => Files(c with { Letter = await sample.LetterShowingAsync(Shown) })),
        ("letter-signer", 16, async () => Files(c with { Letter = await sample.LetterByAsync(Signer()) })),
        ("letter-foreign", 2, () => Task.FromResult(Files(c with { Letter = other.Contents.Letter }))),
        ("pem", 6, () => Task.FromResult(Pem())),
        ("order", 10, () => ShapedAsync(Disordered())),
        ("authorities", 2, () => ShapedAsync(new SampleShape { Authorities = Pick<string[]>(["alpha"], ["alpha", "alpha-too"]) })),
        ("not-before", 3, () => ShapedAsync(new SampleShape { NotBefore = Pick(
            new ChainHead(1, 40, Hash), new ChainHead(SampleEvidence.ChainId, 43, Hash), new ChainHead(SampleEvidence.ChainId, 42, Hash)) })),
        ("unusual", 4, () => ShapedAsync(Unusual())),
        (Replaced, 1, () => Task.FromResult(Files(other.Contents))),
    ];

    private static readonly string Hash = "0x" + new string('b', 64);

    private static Dictionary<string, byte[]> Files(BundleContents contents) => RecipeFolder.Relisted(BundleWriter.Files(contents));

    private T Pick<T>(params T[] from) => from[random.Next(from.Length)];

    private string Member(Dictionary<string, byte[]> files)
        => Pick([.. files.Keys.Where(n => n != BundleMembers.Recipe).Order(StringComparer.Ordinal)]);

    private Dictionary<string, byte[]> Changed(Action<byte[]> change)
    {
        var files = BundleWriter.Files(c);
        change(files[Member(files)]);
        return RecipeFolder.Relisted(files);
    }

    private Dictionary<string, byte[]> Resized()
    {
        var files = BundleWriter.Files(c);
        var name = Member(files);
        files[name] = Pick<byte[]>([.. files[name], 0], [.. files[name], (byte)'\n'], files[name][..^1], [(byte)' ', .. files[name]], files[name][1..]);
        return RecipeFolder.Relisted(files);
    }

    private Dictionary<string, byte[]> Missing()
    {
        var files = BundleWriter.Files(c);
        files.Remove(Member(files));
        return RecipeFolder.Relisted(files);
    }

    private Dictionary<string, byte[]> Further()
    {
        var files = BundleWriter.Files(c);
        files.Add(Pick("tokens/checkpoint-gamma.tsr", "tokens/manifest-gamma.tsr", "trust/tsa-gamma.pem", "further.txt"), files["tokens/checkpoint-alpha.tsr"]);
        return RecipeFolder.Relisted(files);
    }

    private async Task<Dictionary<string, byte[]>> ManifestAsync()
    {
        var m = Manifest.Parse(c.Manifest.Span);
        var forged = Pick(
            m with { Depositor = "did:web:thief.example" },
            m with { Kind = "contract" },
            m with { ReceivedAt = m.ReceivedAt.AddSeconds(-1) },
            m with { Notes = new Dictionary<string, string> { ["contractNo"] = "B-18" } },
            m with { Items = [m.Items[0] with { Name = "other.pdf" }] },
            m with { Items = [m.Items[0], m.Items[0]] },
            m with { Previous = Digest.Of("x"u8) },
            m with { NotBefore = null },
            m with { Salt = new byte[32] });
        var restated = random.Next(2) == 0 ? c.Letter : await sample.LetterAsync(f => f with
        {
            Depositor = forged.Depositor,
            Kind = forged.Kind,
            ReceivedAt = forged.ReceivedAt,
            Notes = forged.Notes,
            Items = forged.Items,
            ManifestDigest = forged.ToDigest(),
        });
        return Files(c with { Manifest = forged.ToBytes(), Letter = restated });
    }

    private TlogProof Proof()
    {
        var (proof, at) = (c.Inclusion, random.Next(c.Inclusion.Path.Count));
        List<Digest> flipped = [.. proof.Path];
        var bytes = flipped[at].ToArray();
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        flipped[at] = new Digest(bytes);
        return Pick(
            proof with { Path = flipped },
            proof with { Path = [.. proof.Path.Where((_, i) => i != at)] },
            proof with { Path = [.. proof.Path, Digest.Of("x"u8)] },
            proof with { Path = [.. proof.Path.Reverse()] },
            proof with { Index = proof.Index ^ (1L << random.Next(9)) },
            proof with { Extra = [1, 2] });
    }

    private string Note()
    {
        var note = c.Inclusion.CheckpointNote;
        var root = Checkpoint.Parse(note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)]).Root;
        return Pick(
            sample.SignNote(new Checkpoint(SampleEvidence.Origin, SampleEvidence.LogSize, Digest.Of("x"u8)).ToBody()),
            sample.SignNote(new Checkpoint(SampleEvidence.Origin, SampleEvidence.LogSize + random.Next(1, 9), root).ToBody()),
            sample.SignNote(new Checkpoint("other.example/log", SampleEvidence.LogSize, root).ToBody()),
            other.SignNote(new Checkpoint(SampleEvidence.Origin, SampleEvidence.LogSize, root).ToBody()),
            note.Replace("— notary", "— notaxy", StringComparison.Ordinal),
            other.Contents.Inclusion.CheckpointNote);
    }

    private List<BundleToken> Tokens()
    {
        List<BundleToken> tokens = [.. c.Tokens];
        var (at, to) = (random.Next(tokens.Count), random.Next(tokens.Count));
        var token = tokens[at];
        tokens[at] = Pick(
            token with { Token = sample.Stamp(token.Authority, Digest.Of("other"u8)) },
            token with { Token = sample.Stamp(token.Authority == "alpha" ? "beta" : "alpha", Over(token.Over)) },
            token with { Token = other.Stamp(token.Authority, Over(token.Over)) },
            token with { Token = tokens[to == at ? (to + 1) % tokens.Count : to].Token },
            token with { Token = sample.Stamp(token.Authority, Over(token.Over)) });
        if (random.Next(5) == 0)
            tokens.RemoveAt(at);

        return tokens;
    }

    /// <summary>Everything says the same time, and it cannot be.</summary>
    private async Task<Dictionary<string, byte[]>> TokenTimeAsync()
    {
        var tokens = c.Tokens.ToList();
        var at = random.Next(tokens.Count);
        var minutes = tokens[at].Over == TokenOver.Checkpoint && random.Next(2) == 0 ? random.Next(3, 100_000) : -random.Next(3, 600);
        tokens[at] = tokens[at] with { Token = sample.Stamp(tokens[at].Authority, Over(tokens[at].Over), TimeSpan.FromMinutes(minutes)) };
        var forged = c with { Tokens = tokens };
        return Files(forged with { Letter = await sample.LetterAsync(forged) });
    }

    private Digest Over(string over)
        => over == TokenOver.Manifest ? Digest.Of(c.Manifest.Span) : Digest.Of(Encoding.UTF8.GetBytes(c.Inclusion.CheckpointNote));

    private Task<Dictionary<string, byte[]>> AnchorAsync() => RestatedAsync(Pick(
        c.Anchor with { Size = c.Anchor.Size + 1 },
        c.Anchor with { Root = Digest.Of("x"u8) },
        c.Anchor with { ChainId = 1 },
        c.Anchor with { Contract = "0x" + new string('a', 40) },
        c.Anchor with { Block = c.Anchor.Block + random.Next(1, 100) },
        c.Anchor with { BlockTime = c.Anchor.BlockTime.AddSeconds(random.Next(1, 60)) },
        other.Contents.Anchor));

    private Task<Dictionary<string, byte[]>> AnchorHashesAsync() => RestatedAsync(Pick(
        c.Anchor with { BlockHash = "0x" + Digest.Of("x"u8) },
        c.Anchor with { TransactionHash = "0x" + Digest.Of("x"u8) },
        c.Anchor with { TransactionIndex = 1 },
        c.Anchor with { LogIndex = 1 },
        c.Anchor with { Header = Flipped(c.Anchor.Header, 20) },
        c.Anchor with { ReceiptProof = [Flipped(c.Anchor.ReceiptProof[0], 100)] },
        c.Anchor with { Transaction = Flipped(c.Anchor.Transaction, 160), TransactionProof = [Flipped(c.Anchor.TransactionProof[0], 166)] }));

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[at] ^= 1;
        return flipped;
    }

    /// <summary>An anchor, and a letter that says the same.</summary>
    private async Task<Dictionary<string, byte[]>> RestatedAsync(AnchorProof anchor) => Files(c with
    {
        Anchor = anchor,
        Letter = await sample.LetterAsync(f => f with
        {
            ChainId = anchor.ChainId,
            Contract = anchor.Contract,
            CheckpointSize = anchor.Size,
            CheckpointRoot = anchor.Root,
            Transaction = anchor.TransactionHash,
            Block = anchor.Block,
            BlockHash = anchor.BlockHash,
            BlockTime = anchor.BlockTime,
        }),
    });

    /// <summary>JSON that says the same to a lenient reader, or has no proof.</summary>
    private Dictionary<string, byte[]> AnchorJson()
    {
        var files = BundleWriter.Files(c);
        var text = Encoding.UTF8.GetString(files[BundleMembers.Anchor]);
        files[BundleMembers.Anchor] = Encoding.UTF8.GetBytes(Pick(
            text.Replace("{\"block\":42,", "{\"block\":42, ", StringComparison.Ordinal),
            text.Replace("{\"block\":42,", "{\"block\":42.0,", StringComparison.Ordinal),
            text.Replace("{\"block\":42,", "{\"block\":42,\"block\":42,", StringComparison.Ordinal),
            text.Replace("{\"block\":42,", "{\"a\":{},\"block\":42,", StringComparison.Ordinal),
            text.Replace("\"chainId\"", "\"\\u0063hainId\"", StringComparison.Ordinal),
            text.Replace("notary-anchor/1", "notary-anchor/2", StringComparison.Ordinal),
            text.Replace(",\"logIndex\":0", "", StringComparison.Ordinal),
            text.Replace("\"block\":42", "\"block\":\"42\"", StringComparison.Ordinal)));
        return RecipeFolder.Relisted(files);
    }

    private LetterFacts Misstated(LetterFacts f) => Pick(
        f with { Number = LetterFacts.NumberOf(f.ReceivedAt, f.Parties!.ShortName, f.LogIndex + 1) },
        f with { Number = LetterFacts.NumberOf(f.ReceivedAt.AddYears(-1), f.Parties!.ShortName, f.LogIndex) },
        f with { Office = f.Office with { English = "Another Office" } },
        f with { Number = LetterFacts.NumberOf(f.ReceivedAt, null, f.LogIndex) },
        SampleEvidence.FirstVersion(f) with { Number = f.Number },
        f with { Parties = f.Parties! with { ShortName = "另处" } },
        f with { Parties = f.Parties! with { ShortName = "另处" }, Number = LetterFacts.NumberOf(f.ReceivedAt, "另处", f.LogIndex) },
        By(f, by => by with { LegalName = "Another Authority" }),
        By(f, by => by with { Policy = "1.2.3" }),
        By(f, by => by with { Certificate = Digest.Of("x"u8) }),
        f with { VerifyUrl = new Uri("https://thief.example/") },
        f with { VerifyUrl = new Uri(f.VerifyUrl.OriginalString + "1") },
        f with { VerifyUrl = new Uri(f.VerifyUrl.OriginalString.Replace("https", "ftp", StringComparison.Ordinal)) },
        f with { IssuedAt = f.IssuedAt.AddYears(-20) },
        f with { IssuedAt = f.IssuedAt.AddMinutes(5) },
        f with { Times = [.. f.Times, f.Times[^1]] },
        f with { Id = other.Contents.Manifest.Span is var m ? Manifest.Parse(m).Id : f.Id },
        f with { Depositor = "did:web:thief.example" },
        f with { ReceivedAt = f.ReceivedAt.AddMilliseconds(1) },
        f with { Kind = "digest" },
        f with { Items = [f.Items[0] with { Name = "x.pdf" }] },
        f with { Items = [f.Items[0] with { Size = 1 }] },
        f with { Items = [f.Items[0], f.Items[0]] },
        f with { ManifestDigest = Digest.Of("x"u8) },
        f with { Notes = new Dictionary<string, string>() },
        f with { Notes = new Dictionary<string, string> { ["contractNo"] = "A-17", ["more"] = "\"\\\n/~\u0001" } },
        f with { Times = [.. f.Times.Skip(1)] },
        f with { Times = [f.Times[0] with { GenTime = f.Times[0].GenTime.AddTicks(1) }, .. f.Times.Skip(1)] },
        f with { Times = [f.Times[0] with { Serial = "01" }, .. f.Times.Skip(1)] },
        f with { Times = [f.Times[0] with { Authority = "gamma" }, .. f.Times.Skip(1)] },
        f with { LogOrigin = "other.example/log" },
        f with { LogIndex = f.LogIndex + 1 },
        f with { CheckpointSize = f.CheckpointSize + 1 },
        f with { CheckpointRoot = Digest.Of("x"u8) },
        f with { ChainId = 1 },
        f with { Contract = "0x" + new string('a', 40) },
        f with { Transaction = "0x" + Digest.Of("x"u8) },
        f with { Block = 41 },
        f with { BlockHash = "0x" + Digest.Of("x"u8) },
        f with { BlockTime = f.BlockTime.AddSeconds(1) });

    /// <summary>What the office only says: both judges pass it and call it a claim.</summary>
    private LetterFacts Misclaimed(LetterFacts f) => Pick(
        f with { DepositorName = "Thief" },
        f with { Parties = f.Parties! with { Address = "" } },
        f with { Parties = f.Parties! with { Operator = "\"\\\u0001", ChainName = "~/", ChainOperator = "\t" } },
        f with { VerifyUrl = new Uri("https://thief.example" + LetterFacts.VerifyPath(f.ManifestDigest, f.LogIndex)) });

    private static LetterFacts By(LetterFacts f, Func<LetterAuthority, LetterAuthority> change)
        => f with { Times = [f.Times[0] with { By = change(f.Times[0].By!) }, .. f.Times.Skip(1)] };

    /// <summary>Letters and trust files of earlier formats, alone and beside later ones.</summary>
    private async Task<Dictionary<string, byte[]>> EarlierAsync() => Files(c with
    {
        Trust = Pick(c.Trust, c.Trust.WithoutNames()),
        Letter = await sample.LetterAsync(Pick<Func<LetterFacts, LetterFacts>>(
            f => f,
            SampleEvidence.FirstVersion,
            f => SampleEvidence.FirstVersion(f) with { Number = f.Number },
            f => By(f, by => by with { LegalName = "Another Authority" }),
            f => f with { Times = [.. f.Times.Select(t => t with { By = t.By! with { LegalName = "Another" } })] })),
    });

    private LetterFacts Shown(LetterFacts f) => Pick(
        f with { Id = DepositId.New(TimeProvider.System) },
        f with { DepositorName = "Film Example" },
        f with { ManifestDigest = Digest.Of("x"u8) },
        f with { Notes = new Dictionary<string, string> { ["contractNo"] = "A-18" } });

    private Func<X509Certificate2, ReadOnlyMemory<byte>, X509Certificate2> Signer()
    {
        const string TimeStamping = "1.3.6.1.5.5.7.3.8", Documents = "1.3.6.1.5.5.7.3.36", Any = "2.5.29.37.0", Server = "1.3.6.1.5.5.7.3.1";
        var office = sample.Trust.Issuer!.Organization!;
        var (name, organization) = Pick((SampleEvidence.SignerName, office), (SampleEvidence.SignerName, office), ("Somebody Else", office),
            (SampleEvidence.SignerName, "Another Office"), (SampleEvidence.SignerName + " ", office));
        var usages = name == SampleEvidence.SignerName
            ? Pick<string[]?>(null, [TimeStamping], [TimeStamping, Documents], [Any], [Server], ["1.3.6.1.4.1.311.10.3.12"]) : null;
        var usage = Pick(X509KeyUsageFlags.DigitalSignature, X509KeyUsageFlags.NonRepudiation, X509KeyUsageFlags.KeyEncipherment);
        return (root, key) => TestCertificates.IssueLetterSigner(root, key.Span, name, usages, organization, usage);
    }

    private SampleShape Disordered()
    {
        // Certificates are made with a day behind them.
        var (hours, days) = (TimeSpan.FromHours(random.Next(2, 20)), TimeSpan.FromDays(random.Next(8, 900)));
        return Pick(
            new SampleShape { Alpha = -hours },
            new SampleShape { Alpha = -hours, Beta = -hours },
            new SampleShape { Received = -days },
            new SampleShape { Received = -days, Alpha = -hours, Beta = -hours },
            new SampleShape { Received = days, Alpha = days, Beta = days, Block = days, Letter = days },
            new SampleShape { Alpha = days, Beta = days, Block = days, Letter = days },
            new SampleShape { Block = -hours },
            new SampleShape { Letter = -hours });
    }

    /// <summary>What must not be called a fault.</summary>
    private SampleShape Unusual() => Pick(
        new SampleShape { NotBefore = null },
        new SampleShape { Received = -TimeSpan.FromDays(6) },
        new SampleShape { Received = TimeSpan.FromSeconds(60), Block = -TimeSpan.FromSeconds(60) },
        new SampleShape
        {
            Received = -TimeSpan.FromHours(20),
            Alpha = -TimeSpan.FromHours(20),
            Beta = -TimeSpan.FromHours(10),
            Block = -TimeSpan.FromHours(5),
            Letter = -TimeSpan.FromHours(1),
        });

    private static async Task<Dictionary<string, byte[]>> ShapedAsync(SampleShape shape)
    {
        await using var shaped = await SampleEvidence.CreateAsync(shape: shape);
        return Files(shaped.Contents);
    }

    private Dictionary<string, byte[]> Pem()
    {
        var (files, theirs) = (BundleWriter.Files(c), BundleWriter.Files(other.Contents));
        var name = Pick(BundleMembers.LogKeyPem, BundleMembers.LettersPem, BundleMembers.Pem("alpha"), BundleMembers.Pem("beta"));
        files[name] = random.Next(2) == 0 ? theirs[name] : [.. files[name], .. theirs[name]];
        return RecipeFolder.Relisted(files);
    }
}
