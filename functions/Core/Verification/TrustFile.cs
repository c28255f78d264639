using Notary.Verification.Letters;

namespace Notary.Verification;

/// <summary>Reads and writes <c>notary-trust/3</c>; <c>notary-trust/2</c> where legal and short names are not known, and <c>notary-trust/1</c> where no
/// signer of letters is named.</summary>
internal static partial class TrustFile
{
    /// <summary>Characters of a name in a certificate's subject, or of an office's: what HostSettings allows.</summary>
    private const int MaxName = 200;

    public static byte[] Write(TrustRoots t) => Jcs.Canonicalize(new JsonObject
    {
        ["format"] = t.Issuer is null ? TrustRoots.FirstFormat : t.Issuer.ShortName is null ? TrustRoots.SecondFormat : TrustRoots.Format,
        ["log"] = new JsonObject { ["origin"] = t.Origin, ["key"] = Convert.ToBase64String(t.LogKeySpki) },
        ["authorities"] = new JsonArray([.. t.Authorities.Select(a => With(
            new JsonObject
            {
                ["name"] = a.Name,
                ["roots"] = Certificates(a.Roots),
                ["policy"] = a.PolicyOid,
            }, "legalName", a.LegalName))]),
        [t.Issuer is null ? "letterRoots" : "letters"] = t.Issuer is not { } issuer ? Certificates(t.LetterRoots) : new JsonObject
        {
            ["roots"] = Certificates(t.LetterRoots),
            ["signer"] = new JsonObject { ["commonName"] = issuer.CommonName, ["organization"] = issuer.Organization },
            ["office"] = With(new JsonObject { ["zh"] = issuer.Office.Chinese, ["en"] = issuer.Office.English }, "shortName", issuer.ShortName),
        },
        ["chain"] = Chain(t),
    });

    private static JsonObject Chain(TrustRoots t)
    {
        var chain = new JsonObject
        {
            ["chainId"] = t.ChainId,
            ["contract"] = t.Contract,
            ["senders"] = new JsonArray([.. t.Senders.Select(s => (JsonNode)s)]),
        };

        // Not there where there is none: a file of before the first change stays as it was, byte for byte.
        if (t.FormerContracts.Count > 0)
            chain["formerContracts"] = new JsonArray([.. t.FormerContracts.Select(f => (JsonNode)f)]);

        return chain;
    }

    public static TrustRoots Parse(ReadOnlySpan<byte> json)
    {
        Require(json.Length <= TrustRoots.MaxBytes, "length");
        using var document = Jcs.ParseCanonical(json);
        try
        {
            var root = document.RootElement;
            var format = root.GetProperty("format").GetString();
            Require(format is TrustRoots.Format or TrustRoots.SecondFormat or TrustRoots.FirstFormat, "format");
            var (log, chain) = (root.GetProperty("log"), root.GetProperty("chain"));
            var (first, named) = (format == TrustRoots.FirstFormat, format == TrustRoots.Format);
            var letters = first ? default : root.GetProperty("letters");
            var trust = new TrustRoots
            {
                Origin = log.GetProperty("origin").GetString()!,
                LogKeySpki = log.GetProperty("key").GetBytesFromBase64(),
                Authorities = [.. Entries(root.GetProperty("authorities")).Select(a => Authority(a, named))],
                LetterRoots = Roots(first ? root.GetProperty("letterRoots") : letters.GetProperty("roots")),
                Issuer = first ? null : Issuer(letters.GetProperty("signer"), letters.GetProperty("office"), named),
                ChainId = chain.GetProperty("chainId").GetInt64(),
                Contract = chain.GetProperty("contract").GetString()!,
                FormerContracts = chain.TryGetProperty("formerContracts", out var former) ? [.. Entries(former).Select(f => f.GetString()!)] : [],
                Senders = [.. Entries(chain.GetProperty("senders")).Select(s => s.GetString()!)],
            };
            Check(trust);

            // Only what we would write ourselves is a trust file: no unknown member, no second spelling.
            Require(Write(trust).AsSpan().SequenceEqual(json), "list of members");
            return trust;
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or CryptographicException)
        {
            throw new FaultException(Fault.Malformed, "not a trust file", e);
        }
    }

    private static void Check(TrustRoots t)
    {
        Require(t.Origin is { Length: > 0 and <= 255 } && !t.Origin.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+'), "log.origin");
        Require(t.ChainId > 0, "chain.chainId");
        Require(Address().IsMatch(t.Contract ?? ""), "chain.contract");
        Require(t.FormerContracts.All(f => Address().IsMatch(f ?? "")), "chain.formerContracts");
        Require(t.FormerContracts.Append(t.Contract).Distinct().Count() == t.FormerContracts.Count + 1, "chain.formerContracts");
        Require(t.Senders.All(s => Address().IsMatch(s ?? "")), "chain.senders");
        Require(t.Authorities.All(a => AuthorityName().IsMatch(a.Name ?? "")), "authorities.name");
        Require(t.Authorities.All(a => a.PolicyOid is null || Oid().IsMatch(a.PolicyOid)), "authorities.policy");
        Require(t.Authorities.Select(a => a.Name).Distinct().Count() == t.Authorities.Count, "authorities.name");
        new NoteVerifier(t.Origin, t.LogKeySpki).Dispose();
    }

    private static TrustedAuthority Authority(JsonElement e, bool named)
        => new(e.GetProperty("name").GetString()!, Roots(e.GetProperty("roots")), e.GetProperty("policy").GetString())
        {
            LegalName = named ? Name(e, "legalName") : null,
        };

    private static LetterIssuer Issuer(JsonElement signer, JsonElement office, bool named) => new(
        Name(signer, "commonName"),
        signer.GetProperty("organization").ValueKind == JsonValueKind.Null ? null : Name(signer, "organization"),
        new LetterOffice(Name(office, "zh"), Name(office, "en")),
        named ? Name(office, "shortName") : null);

    private static string Name(JsonElement of, string member)
    {
        var name = of.GetProperty(member).GetString();
        Require(name is { Length: > 0 and <= MaxName }, member);
        return name!;
    }

    private static JsonObject With(JsonObject to, string member, string? text)
    {
        if (text is not null)
            to[member] = text;

        return to;
    }

    private static List<X509Certificate2> Roots(JsonElement e)
    {
        var roots = Entries(e).Select(r => X509CertificateLoader.LoadCertificate(r.GetBytesFromBase64())).ToList();
        Require(roots.Count > 0, "roots");
        return roots;
    }

    private static JsonElement.ArrayEnumerator Entries(JsonElement array)
    {
        Require(array.GetArrayLength() <= TrustRoots.MaxEntries, "lists");
        return array.EnumerateArray();
    }

    private static JsonArray Certificates(IReadOnlyList<X509Certificate2> roots)
        => new([.. roots.Select(r => (JsonNode)Convert.ToBase64String(r.RawData))]);

    private static void Require(bool condition, string member)
    {
        if (!condition)
            throw new FaultException(Fault.Malformed, $"the trust file's {member} is missing or not as the format asks");
    }

    [GeneratedRegex("^0x[0-9a-f]{40}\\z")]
    private static partial Regex Address();

    [GeneratedRegex("^[0-2](\\.(0|[1-9][0-9]*))+\\z")]
    private static partial Regex Oid();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,39}\\z")]
    private static partial Regex AuthorityName();
}
