using System.Security.Cryptography.X509Certificates;

namespace Notary.Cli;

/// <summary>The line is not as docs/cli.md describes; its message is for the verdict.</summary>
internal sealed class MalformedLineException(string message) : Exception(message);

/// <summary>What an oracle says of a line; <paramref name="Facts"/> are added to the verdict's members.</summary>
internal sealed record Answer(bool Passed, string Code, string Reason, params (string Name, JsonNode? Value)[] Facts)
{
    public static Answer Pass(string reason, params (string Name, JsonNode? Value)[] facts) => new(true, "ok", reason, facts);

    public static Answer Fail(string code, string reason) => new(false, code, reason);
}

/// <summary>A line's members, read by name and type; what was not asked for is refused at the end, so that a misspelt member is not ignored.</summary>
internal sealed class Fields(JsonElement line)
{
    // More roots or hashes than any real question has.
    private const int MaxList = 256;

    private readonly HashSet<string> asked = new(StringComparer.Ordinal) { "id" };

    public bool Has(string name)
    {
        asked.Add(name);
        return line.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;
    }

    public string? OptionalText(string name) => Has(name) ? Text(name) : null;

    public string Text(string name) => Text(Get(name), name);

    public long Number(string name)
        => Get(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : throw Bad(name, "a whole number below 2^63");

    /// <summary>Base64 (RFC 4648 §4).</summary>
    public byte[] Bytes(string name) => Bytes(Get(name), name);

    public byte[]? OptionalBytes(string name) => Has(name) ? Bytes(name) : null;

    /// <summary>32 bytes: base64, or 64 hexadecimal digits.</summary>
    public Digest Digest(string name) => Digest(Get(name), name);

    public IReadOnlyList<Digest> Digests(string name) => [.. List(name).Select(e => Digest(e, name))];

    public IReadOnlyList<X509Certificate2> Certificates(string name) => Certificates(Get(name), name);

    public IReadOnlyList<TrustedAuthority> Authorities(string name) => [.. List(name).Select(e =>
    {
        var inner = new Fields(e.ValueKind == JsonValueKind.Object ? e : throw Bad(name, "objects"));
        var authority = new TrustedAuthority(inner.Text("name"), inner.Certificates("roots"), inner.OptionalText("policy"));
        inner.RefuseOthers();
        return authority;
    })];

    public void RefuseOthers()
    {
        foreach (var member in line.EnumerateObject())
        {
            if (!asked.Contains(member.Name))
                throw new MalformedLineException("the line has a member that this check does not know");
        }
    }

    private static string Text(JsonElement e, string name) => e.ValueKind == JsonValueKind.String ? e.GetString()! : throw Bad(name, "text");

    private static byte[] Bytes(JsonElement e, string name)
        => e.ValueKind == JsonValueKind.String && e.TryGetBytesFromBase64(out var bytes) ? bytes : throw Bad(name, "base64");

    private static Digest Digest(JsonElement e, string name)
    {
        if (e.ValueKind == JsonValueKind.String && Evidence.Digest.TryParse(e.GetString(), out var digest))
            return digest;

        return Bytes(e, name) is { Length: Evidence.Digest.Size } bytes ? new Digest(bytes) : throw Bad(name, "32 bytes");
    }

    private static List<X509Certificate2> Certificates(JsonElement e, string name)
    {
        if (e.ValueKind != JsonValueKind.Array || e.GetArrayLength() is 0 or > MaxList)
            throw Bad(name, "a list of certificates");

        try
        {
            return [.. e.EnumerateArray().Select(c => X509CertificateLoader.LoadCertificate(Bytes(c, name)))];
        }
        catch (CryptographicException)
        {
            throw Bad(name, "certificates in DER");
        }
    }

    private JsonElement.ArrayEnumerator List(string name)
        => Get(name) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() <= MaxList
            ? list.EnumerateArray() : throw Bad(name, $"a list of at most {MaxList}");

    private JsonElement Get(string name)
    {
        asked.Add(name);
        return line.TryGetProperty(name, out var value) ? value : throw new MalformedLineException($"{name} is missing");
    }

    private static MalformedLineException Bad(string name, string what) => new($"{name} is not {what}");
}
