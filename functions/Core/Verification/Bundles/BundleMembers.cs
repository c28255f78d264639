namespace Notary.Verification;

/// <summary>The names a bundle may hold, their order and their bounds: the only place with these strings.</summary>
internal static partial class BundleMembers
{
    public const string Manifest = "manifest.json";
    public const string Item = "item.json";
    public const string ItemProof = "item.proof";
    public const string Inclusion = "inclusion.tlog-proof";
    public const string Checkpoint = "checkpoint";
    public const string Anchor = "anchor.json";
    public const string Letter = "letter.pdf";
    public const string Trust = "trust.json";
    public const string Recipe = "VERIFY.txt";
    public const string LogKeyPem = "trust/log.pem";
    public const string LettersPem = "trust/letters.pem";

    /// <summary>Members of a bundle: tokens and PEM files of every authority twice over, and a manifest's originals.</summary>
    public const int MaxMembers = 12 + (4 * TrustRoots.MaxEntries) + Evidence.Manifest.MaxItems;

    /// <summary>Bytes of an anchor's JSON, twice its binary proof nodes; of a letter with its font; of the recipe: keeps a zip bomb small.</summary>
    private const int MaxAnchor = 8 * 1024 * 1024;
    private const int MaxLetter = 16 * 1024 * 1024;
    private const int MaxRecipe = 256 * 1024;
    private const int MaxPem = 512 * 1024;

    public static string Token(string over, string authority) => $"tokens/{over}-{authority}.tsr";

    public static string Pem(string authority) => $"trust/tsa-{authority}.pem";

    public static string Original(int item) => $"original/{item.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>What every bundle has.</summary>
    public static IReadOnlyList<string> Required { get; } = [Manifest, Inclusion, Checkpoint, Anchor, Letter, Trust, LogKeyPem, LettersPem, Recipe];

    /// <summary>The largest a member may be, in bytes; 0 for a name that no bundle has. Originals have no bound: they are streamed.</summary>
    public static long MaxSize(string name) => name switch
    {
        Manifest => Evidence.Manifest.MaxBytes,
        Item => BatchFormat.MaxItemBytes,
        ItemProof => Evidence.Batches.ItemProof.MaxLength,
        Inclusion => TlogProof.MaxLength,
        Checkpoint => SignedNote.MaxBytes,
        Anchor => MaxAnchor,
        Letter => MaxLetter,
        Trust => TrustRoots.MaxBytes,
        Recipe => MaxRecipe,
        LogKeyPem or LettersPem => MaxPem,
        _ when TryToken(name, out _, out _) => TokenResponse.MaxBytes,
        _ when PemName().IsMatch(name) => MaxPem,
        _ when TryOriginal(name, out _) => long.MaxValue,
        _ => 0,
    };

    public static bool TryToken(string name, out string over, out string authority)
    {
        var match = TokenName().Match(name);
        (over, authority) = (match.Groups[1].Value, match.Groups[2].Value);
        return match.Success;
    }

    public static bool TryOriginal(string name, out int item)
    {
        item = -1;
        return OriginalName().IsMatch(name) && int.TryParse(name.AsSpan("original/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out item)
            && item < Evidence.Manifest.MaxItems;
    }

    /// <summary>Place of a member in the zip: evidence first, in the order it is judged, then trust, recipe, originals.</summary>
    public static (int Rank, string Name) Order(string name) => (name switch
    {
        Manifest => 0,
        Item => 1,
        ItemProof => 2,
        Inclusion => 3,
        Checkpoint => 4,
        Anchor => 6,
        Letter => 7,
        Trust => 8,
        Recipe => 10,
        _ when name.StartsWith("tokens/", StringComparison.Ordinal) => 5,
        _ when name.StartsWith("trust/", StringComparison.Ordinal) => 9,
        _ => 11 + (TryOriginal(name, out var item) ? item : 0),
    }, name);

    /// <summary>The PEM files that say for openssl what trust.json says; derived, so that they can be checked by deriving them again.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> PemFiles(TrustRoots trust)
    {
        yield return (LogKeyPem, Encoding.ASCII.GetBytes(new string(System.Security.Cryptography.PemEncoding.Write("PUBLIC KEY", trust.LogKeySpki)) + "\n"));
        yield return (LettersPem, Certificates(trust.LetterRoots));
        foreach (var authority in trust.Authorities)
            yield return (Pem(authority.Name), Certificates(authority.Roots));
    }

    private static byte[] Certificates(IEnumerable<System.Security.Cryptography.X509Certificates.X509Certificate2> roots)
        => Encoding.ASCII.GetBytes(string.Concat(roots.Select(r => r.ExportCertificatePem() + "\n")));

    [GeneratedRegex("^tokens/(manifest|checkpoint)-([a-z0-9][a-z0-9-]{0,39})\\.tsr\\z")]
    private static partial Regex TokenName();

    [GeneratedRegex("^trust/tsa-[a-z0-9][a-z0-9-]{0,39}\\.pem\\z")]
    private static partial Regex PemName();

    [GeneratedRegex("^original/(0|[1-9][0-9]?)\\z")]
    private static partial Regex OriginalName();
}
